// Channels, their sequence numbers and who listens: a message is framed once and sent to all.
//
// A channel has a home shard: it numbers the channel's messages, keeps the latest of them for
// readers that come back, frames each once and passes it to the shards that have listeners.
// Subscribing again to a channel one has (also `system` and one's own `user:{id}`, which every
// socket joins by itself) sets the reader's position anew: with `since`, everything behind it comes
// again in order, after `subscribed`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/async/shards.hpp"
#include "platform/async/task.hpp"
#include "platform/http/server.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::ws {

class State;

// The sub-protocol that is echoed when a client offers it.
inline constexpr std::string_view sub_protocol = "wildnout.v1";
// Channels that every socket joins by itself: this one, and `user:` with the holder's id.
inline constexpr std::string_view system_channel = "system";
inline constexpr std::string_view user_channel_prefix = "user:";

// What may happen to a message when a reader is slow: `must` is delivered or the socket is closed
// (1013) and can resume; `latest` may be replaced by a newer one of the same channel and type.
enum class Delivery { must, latest };

// Who holds a socket.
struct Holder {
  Uuid user_id;
  std::string session_id;
  std::string display_name;
  Timestamp proof_expires_at;  // the socket is closed with 4401 then, unless proved again
};

// What a module decides for the hub; called on the socket's shard. An exception out of `admit`
// closes the socket with 1013, out of the others it is answered as `internal_error`.
class Gate {
 public:
  virtual ~Gate() = default;
  // No holder closes with 1008: `is_missing` (no credentials were sent) "Authentication required",
  // `is_suspended` "Account suspended", else "Invalid authentication".
  struct Verdict {
    std::optional<Holder> holder;
    bool is_missing = false;
    bool is_suspended = false;
  };
  // `upgrade.socket` is already the hub's; everything else is as the client sent it.
  [[nodiscard]] virtual Task<Verdict> admit(const http::Upgrade& upgrade) = 0;
  // A fresh token on a living socket.
  [[nodiscard]] virtual Task<Verdict> renew(std::string token) = 0;
  // May this holder listen to the channel? False: error `not_found` or `forbidden`.
  enum class Access { allowed, forbidden, not_found };
  [[nodiscard]] virtual Task<Access> may_subscribe(const Holder& holder, std::string channel) = 0;
  // The channel's present state as JSON ("null" when it has none). Taken after the subscription
  // stands, so that no event between it and the sequence can be missed.
  [[nodiscard]] virtual Task<std::string> snapshot(const Holder& holder, std::string channel) = 0;
  // May this holder's passing message (`typing`) go to the channel's other listeners?
  [[nodiscard]] virtual Task<bool> may_relay(const Holder& holder, std::string channel);
};

struct Limits {
  std::size_t message_bytes = 64 * 1024;  // from a client, also once inflated
  std::size_t queue_bytes = 1024 * 1024;  // to one slow client, beyond the kernel's buffers
  std::size_t sockets_per_user = 20;
  std::size_t sockets_per_address = 5000;
  std::size_t channels_per_socket = 64;  // beside the two it joins by itself
  unsigned malformed_messages = 10;      // that many close the socket
  std::size_t history_messages = 256;    // kept a channel, for resuming
  std::size_t history_bytes = 256 * 1024;
  std::chrono::seconds history_time{120};
  std::size_t idle_channels = 16 * 1024;  // a shard keeps without listeners, for resuming
  std::size_t deflate_over_bytes = 500;   // smaller texts are sent as they are
  std::chrono::milliseconds ping_every{25'000};
  std::chrono::milliseconds silence{60'000};
  std::chrono::milliseconds close_time{5'000};  // for the peer to answer a close frame
  std::chrono::milliseconds sweep_every{1'000};
  std::chrono::milliseconds presence_age{1'000};     // an answer is shared by all who ask meanwhile
  std::chrono::milliseconds reconnect_soonest{500};  // after `shutdown`, spread between these
  std::chrono::milliseconds reconnect_latest{5'000};
};

// One for the process; its parts live on the shards. Any thread may publish. Must end before the
// Shards do, whether these still run or have been stopped.
class Hub {
 public:
  // At most 256 shards (std::invalid_argument beyond).
  Hub(async::Shards& shards, Limits limits);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // The gate of one shard; call on that shard before its first upgrade. It must outlive the
  // shard's sockets.
  void set_gate(unsigned shard, Gate& gate);

  // Takes over a connection (on the shard that accepted it).
  void accept(unsigned shard, http::Upgrade upgrade);

  // Publishes {"type":type,"data":data,...} with the channel's next sequence number. `data` is
  // ready JSON. From any thread; messages published from one thread to one channel keep their
  // order. On a channel that nobody listened to of late this does nothing.
  void publish(std::string channel, std::string type, std::string data, Delivery delivery);

  // True when somebody on this node listens to the channel (a hint; may be late by a moment). From
  // any thread: one lookup under a lock that is held for nanoseconds.
  [[nodiscard]] bool has_listeners(const std::string& channel) const;

  // Closes every socket of a session (or of a user when the session is empty) with 4401.
  void close_session(Uuid user_id, std::string session_id);

  // Sends `shutdown` with {"reconnectAfterMs"} (spread by jitter) to all, then closes with 1012;
  // sockets opened from now on are closed with 1012 too. Returns when the last socket is gone, at
  // the latest at `deadline`, when those that are left have been cut off.
  [[nodiscard]] Task<> drain(std::chrono::steady_clock::time_point deadline);

  struct Counts {
    std::size_t sockets;   // open, those that are being closed included
    std::size_t users;     // who hold at least one
    std::size_t channels;  // with listeners
    std::uint64_t delivered;
    std::uint64_t slow_closed;
  };
  [[nodiscard]] Counts counts() const;

 private:
  async::Shards& shards_;
  std::shared_ptr<State> state_;  // shared with the work that is still under way on shards
};

}  // namespace wildnout::ws
