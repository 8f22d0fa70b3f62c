// A published message, framed once; the same bytes go to every socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/values/time.hpp"
#include "platform/ws/deflate.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::ws {

struct Publication {
  std::string channel;
  std::string type;
  std::string data;  // ready JSON
  Delivery delivery = Delivery::must;
};

struct Message {
  std::string channel;
  std::uint64_t seq = 0;  // 0: passing, neither numbered nor kept
  Delivery delivery = Delivery::must;
  std::uint64_t kind = 0;        // hash of channel and type: what a newer `latest` one replaces
  std::uint64_t except = 0;      // the number of a socket that does not get it; 0: none
  std::string plain;             // the frame, header and text
  std::string deflated;          // the same, compressed; empty when not made or not smaller
  std::size_t header_bytes = 0;  // of `plain`

  [[nodiscard]] std::string_view text() const {
    return std::string_view{plain}.substr(header_bytes);
  }
  [[nodiscard]] const std::string& bytes(bool is_deflated) const {
    return is_deflated && !deflated.empty() ? deflated : plain;
  }
};

// Shared by the channel's history, the shards that are sending it, and the queues of slow sockets;
// never changed once shared.
using MessagePointer = std::shared_ptr<const Message>;

// `deflater`: nothing makes no compressed form.
[[nodiscard]] MessagePointer make_message(const Publication& publication, std::uint64_t seq,
                                          std::uint64_t except, Deflater* deflater,
                                          std::size_t deflate_over_bytes);

// The message's frame with "skipped":n added: n others of its kind were replaced by it.
[[nodiscard]] std::string frame_with_skipped(const Message& message, std::uint64_t skipped);

// {"type":...,"channel":...,"data":...,"timestamp":ms}, with "seq" when it is not 0.
[[nodiscard]] std::string message_text(std::string_view type, std::string_view channel,
                                       std::uint64_t seq, std::string_view data);

void append_quoted(std::string& out, std::string_view text);

// ,"timestamp":ms
void append_timestamp(std::string& out);

}  // namespace wildnout::ws
