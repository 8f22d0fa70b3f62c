// Queueing, replacing and writing.
#include "platform/ws/send_queue.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace wildnout::ws {

void SendQueue::push(MessagePointer message, std::uint64_t skipped) {
  if (message->delivery == Delivery::latest) skipped += take_out(message->kind);
  if (message->seq == 0) skipped = 0;  // not numbered: nobody misses it
  Item item{std::move(message), {}, skipped};
  if (skipped > 0) {
    item.frames = frame_with_skipped(*item.message, skipped);
  }
  bytes_ += bytes_of(item).size();
  items_.push_back(std::move(item));
}

void SendQueue::push(std::string frames, std::size_t sent) {
  if (items_.empty()) sent_ = sent;
  bytes_ += frames.size();
  items_.push_back({nullptr, std::move(frames), 0});
}

void SendQueue::push_begun(MessagePointer message, std::size_t sent) {
  sent_ = sent;
  bytes_ += message->bytes(is_deflated_).size();
  items_.push_back({std::move(message), {}, 0});
}

void SendQueue::drop_waiting() {
  while (items_.size() > (sent_ > 0 ? 1 : 0)) {
    bytes_ -= bytes_of(items_.back()).size();
    items_.pop_back();
  }
}

SendQueue::Outcome SendQueue::write_to(int socket) {
  while (!items_.empty()) {
    const std::string& bytes = bytes_of(items_.front());
    const ssize_t count =
        ::send(socket, bytes.data() + sent_, bytes.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::blocked : Outcome::broken;
    }
    sent_ += static_cast<std::size_t>(count);
    if (sent_ < bytes.size()) return Outcome::blocked;
    bytes_ -= bytes.size();
    sent_ = 0;
    items_.pop_front();
  }
  return Outcome::sent_all;
}

const std::string& SendQueue::bytes_of(const Item& item) const {
  return item.frames.empty() ? item.message->bytes(is_deflated_) : item.frames;
}

// Removes the waiting message of that kind; returns how many messages are left out with it.
std::uint64_t SendQueue::take_out(std::uint64_t kind) {
  for (std::size_t i = sent_ > 0 ? 1 : 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (!item.message || item.message->delivery != Delivery::latest || item.message->kind != kind) {
      continue;
    }
    const std::uint64_t left_out = item.skipped + 1;
    bytes_ -= bytes_of(item).size();
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(i));
    return left_out;
  }
  return 0;
}

}  // namespace wildnout::ws
