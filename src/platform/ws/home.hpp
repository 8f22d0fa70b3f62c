// The channels whose home is one shard: their numbers, their history, and which shards listen.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/ws/history.hpp"
#include "platform/ws/listened.hpp"
#include "platform/ws/message.hpp"

namespace wildnout::ws {

inline constexpr std::size_t max_shards = 256;

// Where a reader stood when it was here before.
struct Since {
  std::string epoch;
  std::uint64_t seq = 0;
};

// Where a channel stands as a reader joins: it gets every message behind `seq`.
struct Enrolled {
  std::string epoch;
  std::uint64_t seq = 0;
  bool is_recovered = false;  // `missed` is all that came behind `since`, up to `seq`
  std::vector<Missed> missed;
};

// All members on the home shard's thread.
class Home {
 public:
  using Clock = std::chrono::steady_clock;

  Home(const Limits& limits, ListenedChannels& listened) : limits_{limits}, listened_{listened} {}

  // From now on the shard gets the channel's messages. `is_deflating`: the reader takes compressed
  // ones.
  [[nodiscard]] Enrolled enroll(const std::string& channel, unsigned shard, bool is_deflating,
                                const std::optional<Since>& since, Clock::time_point now);

  // The shard's last reader of the channel has left.
  void leave(const std::string& channel, unsigned shard, Clock::time_point now);

  struct Outgoing {
    MessagePointer message;  // nothing: nobody listens
    std::bitset<max_shards> shards;
  };
  // Numbers and keeps a message.
  [[nodiscard]] Outgoing publish(const Publication& publication, Clock::time_point now);
  // A message that passes by: no number, not kept, not to the socket `except`.
  [[nodiscard]] Outgoing relay(const Publication& publication, std::uint64_t except);

  // The next number, for a message that is not kept; 0 when the channel is not known.
  [[nodiscard]] std::uint64_t take_number(const std::string& channel);

  [[nodiscard]] std::bitset<max_shards> listening_shards(const std::string& channel) const;

  // Forgets what is too old.
  void sweep(Clock::time_point now);

  [[nodiscard]] std::size_t channels() const { return channels_.size(); }

 private:
  struct Channel {
    std::string epoch;  // 16 hex digits, random, new in each process
    std::uint64_t seq = 0;
    std::bitset<max_shards> shards;
    bool is_deflated = false;  // some reader takes compressed messages
    Clock::time_point left_at;
    History history;
  };
  using Channels = std::unordered_map<std::string, Channel>;

  [[nodiscard]] Deflater* deflater_for(const Channel& channel) {
    return channel.is_deflated ? &deflater_ : nullptr;
  }

  const Limits& limits_;
  ListenedChannels& listened_;
  Channels channels_;
  std::size_t idle_ = 0;  // channels without listeners
  Deflater deflater_;
};

}  // namespace wildnout::ws
