// One connection to PostgreSQL in libpq's pipeline mode, shared by many tasks of one shard.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "platform/db/segment.hpp"
#include "platform/db/target.hpp"

struct pg_conn;  // libpq

namespace wildnout::metrics {
class Counter;
class Histogram;
}  // namespace wildnout::metrics

namespace wildnout::db {

// What connections of one class count.
struct Gauges {
  explicit Gauges(const char* pipeline);
  metrics::Counter& statements;
  metrics::Counter& failures;
  metrics::Counter& connects;
  metrics::Counter& losses;
  metrics::Histogram& seconds;
};

// Connects once; what is submitted meanwhile is sent when the server is ready. Once lost it stays
// lost: all that waits gets Error 08006 and whoever wants a new one makes it. A server that is
// silent for longer than a statement may take counts as lost. Every segment ends with a Sync, so
// that its failure leaves its neighbours alone. Results are handed out in order. Shared by its
// owner, its own pending waits on the socket, and an open transaction.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `target` outlives the connection.
  Connection(Executor executor, const Target& target, Gauges& gauges);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void open();
  // Ends what waits with Error 08006.
  void close();

  // Sends, in one piece. The segment fails when the connection is lost or gets lost. Throws
  // Unavailable when the connection has all the work that it may have.
  [[nodiscard]] SegmentPtr submit(std::span<Statement> statements);

  [[nodiscard]] bool is_lost() const { return state_ == State::lost; }
  [[nodiscard]] bool was_ready() const { return was_ready_; }
  [[nodiscard]] std::chrono::steady_clock::time_point lost_at() const { return lost_at_; }
  [[nodiscard]] const std::string& loss() const { return loss_; }  // why it was lost
  // Nothing is under way and no transaction is open.
  [[nodiscard]] bool is_at_rest() const;

 private:
  enum class State : std::uint8_t { connecting, ready, lost };
  enum class Part : std::uint8_t { prepare, sync_of_prepare, statement, sync };

  // The next thing that the server must answer.
  struct Expected {
    Part part;
    const QueryBase* query;
    SegmentPtr segment;
  };
  struct Waiting {
    SegmentPtr segment;
    std::vector<Statement> statements;
  };
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

  void connect_further();
  void become_ready();
  void send(const SegmentPtr& segment, std::span<const Statement> statements);
  [[nodiscard]] bool send_prepare(const SegmentPtr& segment, const QueryBase& query);
  [[nodiscard]] bool send_statement(const SegmentPtr& segment, const Statement& statement);
  void flush();
  void wait_readable();
  void watch();
  void receive();
  [[nodiscard]] bool take_result();
  void take_answer(Expected& expected, pg_result* answer);
  void end(const SegmentPtr& segment);
  void lose(const std::string& why);
  [[nodiscard]] std::exception_ptr loss_error() const;
  void wake_later();

  const Target& target_;
  Gauges& gauges_;
  pg_conn* server_ = nullptr;
  boost::asio::posix::basic_stream_descriptor<Executor> socket_;
  Timer timer_;
  State state_ = State::connecting;
  bool was_ready_ = false;
  bool is_writing_ = false;
  bool is_watched_ = false;
  Clock::time_point last_answer_{};  // or since when one is due
  Clock::time_point lost_at_{};
  std::string loss_;
  std::deque<Waiting> waiting_;
  std::deque<Expected> expected_;
  std::size_t under_way_ = 0;   // statements sent or waiting
  std::vector<bool> prepared_;  // by QueryBase::index
  std::vector<SegmentPtr> ended_;
};

}  // namespace wildnout::db
