// Numbering, keeping and forgetting.
#include "platform/ws/home.hpp"

#include <array>
#include <cstdio>

#include "platform/values/random.hpp"

namespace wildnout::ws {
namespace {

std::string make_epoch() {
  std::array<std::uint8_t, 8> bytes{};
  random_bytes(bytes);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0xF]);
  }
  return out;
}

}  // namespace

Enrolled Home::enroll(const std::string& name, unsigned shard, bool is_deflating,
                      const std::optional<Since>& since, Clock::time_point now) {
  const auto [found, is_new] = channels_.try_emplace(name);
  Channel& channel = found->second;
  if (is_new) channel.epoch = make_epoch();
  if (channel.shards.none()) {
    listened_.add(name);
    if (!is_new) --idle_;
  }
  channel.shards.set(shard);
  channel.is_deflated = channel.is_deflated || is_deflating;
  channel.history.trim(now, limits_);
  Enrolled enrolled{channel.epoch, channel.seq, false, {}};
  if (since && since->epoch == channel.epoch && since->seq <= channel.seq) {
    if (auto missed = channel.history.behind(since->seq)) {
      enrolled.is_recovered = true;
      enrolled.missed = std::move(*missed);
    }
  }
  return enrolled;
}

void Home::leave(const std::string& name, unsigned shard, Clock::time_point now) {
  const auto found = channels_.find(name);
  if (found == channels_.end()) return;
  Channel& channel = found->second;
  if (!channel.shards.test(shard)) return;
  channel.shards.reset(shard);
  if (channel.shards.any()) return;
  listened_.remove(name);
  channel.is_deflated = false;
  channel.left_at = now;
  if (idle_ >= limits_.idle_channels) {
    channels_.erase(found);
  } else {
    ++idle_;
  }
}

Home::Outgoing Home::publish(const Publication& publication, Clock::time_point now) {
  const auto found = channels_.find(publication.channel);
  if (found == channels_.end()) return {};
  Channel& channel = found->second;
  MessagePointer message = make_message(publication, ++channel.seq, 0, deflater_for(channel),
                                        limits_.deflate_over_bytes);
  channel.history.push(message, now, limits_);
  return {std::move(message), channel.shards};
}

Home::Outgoing Home::relay(const Publication& publication, std::uint64_t except) {
  const auto found = channels_.find(publication.channel);
  if (found == channels_.end() || found->second.shards.none()) return {};
  return {make_message(publication, 0, except, nullptr, limits_.deflate_over_bytes),
          found->second.shards};
}

std::uint64_t Home::take_number(const std::string& name) {
  const auto found = channels_.find(name);
  return found == channels_.end() ? 0 : ++found->second.seq;
}

std::bitset<max_shards> Home::listening_shards(const std::string& name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() ? std::bitset<max_shards>{} : found->second.shards;
}

void Home::sweep(Clock::time_point now) {
  for (auto at = channels_.begin(); at != channels_.end();) {
    Channel& channel = at->second;
    channel.history.trim(now, limits_);
    if (channel.shards.none() && now - channel.left_at > limits_.history_time) {
      --idle_;
      at = channels_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace wildnout::ws
