// Connecting and sending by libpq without blocking; what comes back is in answers.cpp.
//
// libpq 15 in pipeline mode answers each command with one result and a null after it, and each Sync
// with one result alone. PQpipelineSync writes to the socket itself, so nothing is gained by
// holding statements back to flush them together. After a loss libpq's own state is worth nothing:
// all segments are failed from here.
#include "platform/db/connection.hpp"

#include <libpq-fe.h>

#include <array>

#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::db {

namespace asio = boost::asio;
using Wait = asio::posix::descriptor_base;

namespace {

metrics::Counter& counter(const char* name, const char* help, const char* pipeline) {
  return metrics::counter(name, help, {{"pipeline", pipeline}});
}

// libpq's arrays for one statement, on the stack.
struct Arguments {
  explicit Arguments(const Statement& statement) {
    const auto slots = statement.parameters.slots();
    const auto types = statement.query->parameters();
    count = static_cast<int>(slots.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const bool is_null = slots[i].size < 0;
      values[i] = is_null ? nullptr : statement.parameters.bytes() + slots[i].offset;
      lengths[i] = slots[i].size;
      formats[i] = slots[i].is_text ? 0 : 1;
      oids[i] = i < types.size() ? types[i].oid : 0;
    }
  }
  int count;
  std::array<const char*, max_parameters> values;
  std::array<int, max_parameters> lengths;
  std::array<int, max_parameters> formats;
  std::array<Oid, max_parameters> oids;
};

}  // namespace

Gauges::Gauges(const char* pipeline)
    : statements{counter("wildnout_database_statements_total", "Statements ended.", pipeline)},
      failures{counter("wildnout_database_failures_total", "Statements that failed.", pipeline)},
      connects{counter("wildnout_database_connects_total", "Connections opened.", pipeline)},
      losses{counter("wildnout_database_losses_total",
                     "Connections lost, or not had in the first place.", pipeline)},
      seconds{metrics::histogram("wildnout_database_statement_seconds",
                                 "From sending a statement to its end, its place in the pipeline "
                                 "included.",
                                 {{"pipeline", pipeline}})} {}

Connection::Connection(Executor executor, const Target& target, Gauges& gauges)
    : target_{target}, gauges_{gauges}, socket_{executor}, timer_{executor} {}

Connection::~Connection() {
  if (socket_.is_open()) socket_.release();  // libpq closes it
  if (server_ != nullptr) PQfinish(server_);
}

void Connection::open() {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : target_.options) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  server_ = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (server_ == nullptr) return lose("out of memory");
  if (PQstatus(server_) == CONNECTION_BAD) return lose(PQerrorMessage(server_));
  PQsetNoticeProcessor(
      server_,
      [](void*, const char* text) {
        log::debug("database notice", {{"text", text}});
      },
      nullptr);
  timer_.expires_after(target_.connect_timeout);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->state_ == State::connecting) self->lose("connecting took too long");
  });
  socket_.assign(PQsocket(server_));
  socket_.async_wait(Wait::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->connect_further();
                     });
}

void Connection::connect_further() {
  if (state_ != State::connecting) return;
  // PQconnectPoll may close the socket and open another one for the next address.
  socket_.release();
  const PostgresPollingStatusType next = PQconnectPoll(server_);
  if (next == PGRES_POLLING_FAILED) return lose(PQerrorMessage(server_));
  socket_.assign(PQsocket(server_));
  if (next == PGRES_POLLING_OK) return become_ready();
  socket_.async_wait(next == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->connect_further();
                     });
}

void Connection::become_ready() {
  timer_.cancel();
  if (PQsetnonblocking(server_, 1) != 0 || PQenterPipelineMode(server_) != 1) {
    return lose(PQerrorMessage(server_));
  }
  state_ = State::ready;
  was_ready_ = true;
  gauges_.connects.add();
  wait_readable();
  while (!waiting_.empty() && state_ == State::ready) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    send(next.segment, next.statements);
  }
}

void Connection::close() { lose("it was closed"); }

bool Connection::is_at_rest() const {
  if (!waiting_.empty() || !expected_.empty()) return false;
  return state_ != State::ready || PQtransactionStatus(server_) == PQTRANS_IDLE;
}

SegmentPtr Connection::submit(std::span<Statement> statements) {
  if (under_way_ + statements.size() > target_.pipeline_limit) {
    throw Unavailable{"the database has too many statements waiting"};
  }
  const SegmentPtr segment{new Segment{*statements.front().query}};
  for (const Statement& statement : statements) statement.query->note_execution();
  switch (state_) {
    case State::connecting:
      waiting_.push_back({segment,
                          {std::make_move_iterator(statements.begin()),
                           std::make_move_iterator(statements.end())}});
      under_way_ += statements.size();
      break;
    case State::ready:
      under_way_ += statements.size();
      send(segment, statements);
      break;
    case State::lost:
      segment->fail(loss_error());
      segment->end();
      break;
  }
  return segment;
}

// Names are prepared ahead of the segment and each behind a Sync of its own: had a statement before
// it in the same segment failed, the server would skip the preparation, and other segments that
// already count on the name would fail with it.
void Connection::send(const SegmentPtr& segment, std::span<const Statement> statements) {
  bool is_sent = true;
  if (expected_.empty()) last_answer_ = Clock::now();
  if (!target_.has_transaction_pooler) {
    for (const Statement& statement : statements) {
      is_sent = is_sent && send_prepare(segment, *statement.query);
    }
  }
  for (const Statement& statement : statements) {
    is_sent = is_sent && send_statement(segment, statement);
  }
  expected_.push_back({Part::sync, statements.back().query, segment});
  is_sent = is_sent && PQpipelineSync(server_) == 1;
  if (!is_sent) return lose(PQerrorMessage(server_));
  flush();
  watch();
}

bool Connection::send_prepare(const SegmentPtr& segment, const QueryBase& query) {
  if (prepared_.size() <= query.index()) prepared_.resize(query.index() + 1);
  if (prepared_[query.index()]) return true;
  prepared_[query.index()] = true;
  std::array<Oid, max_parameters> oids;
  const auto types = query.parameters();
  for (std::size_t i = 0; i < types.size(); ++i) oids[i] = types[i].oid;
  expected_.push_back({Part::prepare, &query, segment});
  expected_.push_back({Part::sync_of_prepare, &query, segment});
  return PQsendPrepare(server_, query.statement_name(), query.sql(), static_cast<int>(types.size()),
                       oids.data()) == 1 &&
         PQpipelineSync(server_) == 1;
}

bool Connection::send_statement(const SegmentPtr& segment, const Statement& statement) {
  const Arguments arguments{statement};
  const QueryBase& query = *statement.query;
  expected_.push_back({Part::statement, &query, segment});
  constexpr int binary_results = 1;
  if (target_.has_transaction_pooler) {
    return PQsendQueryParams(server_, query.sql(), arguments.count, arguments.oids.data(),
                             arguments.values.data(), arguments.lengths.data(),
                             arguments.formats.data(), binary_results) == 1;
  }
  return PQsendQueryPrepared(server_, query.statement_name(), arguments.count,
                             arguments.values.data(), arguments.lengths.data(),
                             arguments.formats.data(), binary_results) == 1;
}

void Connection::flush() {
  if (is_writing_) return;
  const int rest = PQflush(server_);
  if (rest < 0) return lose(PQerrorMessage(server_));
  if (rest == 0) return;
  is_writing_ = true;
  socket_.async_wait(Wait::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || self->state_ != State::ready) return;
                       self->is_writing_ = false;
                       self->flush();
                     });
}

void Connection::wait_readable() {
  socket_.async_wait(Wait::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error && self->state_ == State::ready) self->receive();
                     });
}

}  // namespace wildnout::db
