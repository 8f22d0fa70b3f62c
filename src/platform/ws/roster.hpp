// Which of one shard's sockets listen to which channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "platform/ws/message.hpp"

namespace wildnout::ws {

class Connection;

// Messages that wait until a reader has been told where it joins.
struct Hold {
  std::vector<MessagePointer> messages;
  std::size_t bytes = 0;
};

struct Listener {
  Connection* connection;      // owned by the shard, and listed here only while it is open
  std::unique_ptr<Hold> hold;  // only while a subscription is being answered
};

struct LocalChannel {
  std::string name;
  std::vector<Listener> listeners;
};

// A socket's place in a channel.
struct Subscription {
  LocalChannel* channel;
  std::uint32_t slot;  // in its listeners
};

class Roster {
 public:
  [[nodiscard]] Subscription join(const std::string& channel, Connection& connection);

  // True when that was the channel's last listener here.
  [[nodiscard]] bool leave(const Subscription& subscription);

  // Nothing when nobody listens. Stays where it is until its last listener leaves.
  [[nodiscard]] LocalChannel* find(const std::string& channel);

 private:
  std::unordered_map<std::string, LocalChannel> channels_;
};

}  // namespace wildnout::ws
