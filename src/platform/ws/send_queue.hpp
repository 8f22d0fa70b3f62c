// What a slow socket has still to be sent: bounded by its owner, `latest` messages replaced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "platform/ws/message.hpp"

namespace wildnout::ws {

class SendQueue {
 public:
  explicit SendQueue(bool is_deflated) : is_deflated_{is_deflated} {}

  // A `latest` message takes the place of an older one of its kind that has not begun to be sent:
  // that one is left out, and the new one, at the end, tells how many it stands for.
  void push(MessagePointer message, std::uint64_t skipped);
  // Ready frames. `sent`: how much of the bytes is already on its way.
  void push(std::string frames, std::size_t sent = 0);
  // A message of which `sent` bytes are already on their way; into an empty queue.
  void push_begun(MessagePointer message, std::size_t sent);

  // Forgets all but what has begun to be sent, so that a close frame can follow.
  void drop_waiting();

  enum class Outcome { sent_all, blocked, broken };
  // Writes what the socket takes now.
  [[nodiscard]] Outcome write_to(int socket);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Item {
    MessagePointer message;  // or else
    std::string frames;
    std::uint64_t skipped = 0;
  };
  [[nodiscard]] const std::string& bytes_of(const Item& item) const;
  std::uint64_t take_out(std::uint64_t kind);

  bool is_deflated_;
  std::deque<Item> items_;
  std::size_t sent_ = 0;  // of the first item
  std::size_t bytes_ = 0;
};

}  // namespace wildnout::ws
