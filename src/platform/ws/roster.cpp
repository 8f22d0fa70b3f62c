// Joining and leaving in constant time: the last listener takes the place of one that leaves.
#include "platform/ws/roster.hpp"

#include <utility>

#include "platform/ws/connection.hpp"

namespace wildnout::ws {

Subscription Roster::join(const std::string& name, Connection& connection) {
  const auto [found, is_new] = channels_.try_emplace(name);
  LocalChannel& channel = found->second;
  if (is_new) channel.name = name;
  channel.listeners.push_back({&connection, nullptr});
  return {&channel, static_cast<std::uint32_t>(channel.listeners.size() - 1)};
}

bool Roster::leave(const Subscription& subscription) {
  LocalChannel& channel = *subscription.channel;
  Listener& leaving = channel.listeners[subscription.slot];
  if (&leaving != &channel.listeners.back()) {
    leaving = std::move(channel.listeners.back());
    leaving.connection->move_subscription(channel, subscription.slot);
  }
  channel.listeners.pop_back();
  if (!channel.listeners.empty()) return false;
  channels_.erase(channels_.find(channel.name));
  return true;
}

LocalChannel* Roster::find(const std::string& name) {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

}  // namespace wildnout::ws
