// Channels, their sequence numbers and who listens: a message is framed once and sent to all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/async/shards.hpp"
#include "platform/async/task.hpp"
#include "platform/http/server.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::ws {

// What may happen to a message when a reader is slow: `must` is delivered or the socket is closed
// (1013) and can resume; `latest` may be replaced by a newer one of the same channel and type.
enum class Delivery { must, latest };

// Who holds a socket.
struct Holder {
  Uuid user_id;
  std::string session_id;
  std::string display_name;
  Timestamp proof_expires_at;  // of the token or ticket it was opened with
};

// What realtime (a module) decides for the hub; called on the socket's shard.
class Gate {
 public:
  virtual ~Gate() = default;
  // Throws a string-carrying exception never: nothing = "Invalid authentication",
  // `is_anonymous` = no credentials were sent ("Authentication required").
  struct Verdict {
    std::optional<Holder> holder;
    bool is_missing = false;
    bool is_suspended = false;
  };
  [[nodiscard]] virtual Task<Verdict> admit(const http::Upgrade& upgrade) = 0;
  // A fresh token on a living socket.
  [[nodiscard]] virtual Task<Verdict> renew(std::string token) = 0;
  // May this holder listen to the channel? False: error `not_found` or `forbidden`.
  enum class Access { allowed, forbidden, not_found };
  [[nodiscard]] virtual Task<Access> may_subscribe(const Holder& holder, std::string channel) = 0;
  // The channel's present state as JSON ("null" when it has none). Taken after the subscription
  // stands, so that no event between it and the sequence can be missed.
  [[nodiscard]] virtual Task<std::string> snapshot(const Holder& holder, std::string channel) = 0;
};

struct Limits {
  std::size_t message_bytes = 64 * 1024;         // from a client
  std::size_t queue_bytes = 1024 * 1024;         // to one slow client
  std::size_t sockets_per_user = 20;
  std::size_t sockets_per_address = 5000;
  std::size_t channels_per_socket = 64;
  unsigned malformed_messages = 10;
  std::size_t history_messages = 256;            // kept a channel, for resuming
  std::chrono::seconds history_time{120};
  std::chrono::seconds ping_every{25};
  std::chrono::seconds silence{60};
};

// One for the process; its parts live on the shards. Any thread may publish.
class Hub {
 public:
  Hub(async::Shards& shards, Limits limits);
  ~Hub();

  // The gate of one shard; call on that shard before its first upgrade.
  void set_gate(unsigned shard, Gate& gate);

  // Takes over a connection (on the shard that accepted it).
  void accept(unsigned shard, http::Upgrade upgrade);

  // Publishes {"type":type,"data":data,...} with the channel's next sequence number. `data` is ready
  // JSON. From any thread; messages published from one thread to one channel keep their order.
  void publish(std::string channel, std::string type, std::string data, Delivery delivery);

  // To every open socket of one user, as channel `user:{id}`; `publish` does that too.
  // True when somebody on this node listens to the channel (a hint; may be late by a moment).
  [[nodiscard]] bool has_listeners(const std::string& channel) const;

  // Closes every socket of a session (or of a user when the session is empty) with 4401.
  void close_session(Uuid user_id, std::string session_id);

  // Sends `shutdown` with {"reconnectAfterMs"} (spread by jitter) to all, then closes with 1012.
  [[nodiscard]] Task<> drain(std::chrono::steady_clock::time_point deadline);

  struct Counts {
    std::size_t sockets;
    std::size_t users;
    std::size_t channels;
    std::uint64_t delivered;
    std::uint64_t slow_closed;
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wildnout::ws
