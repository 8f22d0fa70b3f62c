// The callbacks between wslay and a socket.
#include "platform/ws/reader.hpp"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "platform/ws/frame.hpp"

namespace wildnout::ws {

struct ReaderCallbacks {
  static ssize_t receive(wslay_event_context_ptr context, std::uint8_t* buffer, std::size_t size,
                         int /*flags*/, void* user) {
    auto& reader = *static_cast<FrameReader*>(user);
    const std::size_t count = std::min(size, reader.input_.size());
    if (count == 0) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(buffer, reader.input_.data(), count);
    reader.input_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t send(wslay_event_context_ptr /*context*/, const std::uint8_t* bytes,
                      std::size_t size, int /*flags*/, void* user) {
    static_cast<FrameReader*>(user)->answers_->append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<ssize_t>(size);
  }

  static void on_frame(wslay_event_context_ptr /*context*/,
                       const wslay_event_on_frame_recv_start_arg* frame, void* user) {
    static_cast<FrameReader*>(user)->on_frame(*frame);
  }

  static void on_message(wslay_event_context_ptr /*context*/,
                         const wslay_event_on_msg_recv_arg* message, void* user) {
    static_cast<FrameReader*>(user)->on_message(*message);
  }
};

FrameReader::FrameReader(std::size_t message_bytes) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = &ReaderCallbacks::receive;
  callbacks.send_callback = &ReaderCallbacks::send;
  callbacks.on_frame_recv_start_callback = &ReaderCallbacks::on_frame;
  callbacks.on_msg_recv_callback = &ReaderCallbacks::on_message;
  if (wslay_event_context_server_init(&context_, &callbacks, this) != 0) throw std::bad_alloc{};
  wslay_event_config_set_max_recv_msg_length(context_, message_bytes);
}

FrameReader::~FrameReader() { wslay_event_context_free(context_); }

FrameReader::State FrameReader::feed(std::string_view bytes, bool may_be_deflated,
                                     Receiver& receiver, std::string& answers) {
  input_ = bytes;
  receiver_ = &receiver;
  answers_ = &answers;
  bytes_fed_ += bytes.size();
  wslay_event_config_set_allowed_rsv_bits(context_,
                                          may_be_deflated ? WSLAY_RSV1_BIT : WSLAY_RSV_NONE);
  const int received = wslay_event_recv(context_);
  if (received != 0 || is_close_faulty_) {
    // Faults in a header come as an error, without a code of their own.
    answers.append(close_frame(CloseCode::protocol_error, {}));
    return State::over;
  }
  if (wslay_event_send(context_) != 0 || wslay_event_get_read_enabled(context_) == 0) {
    return State::over;
  }
  return bytes_fed_ == bytes_in_frames_ && !is_inside_message_ ? State::at_rest : State::inside;
}

void FrameReader::on_frame(const wslay_event_on_frame_recv_start_arg& frame) {
  // Two bytes, the longer forms of the length, four of the mask (RFC 6455 section 5.2). wslay
  // refuses lengths that are not in their shortest form, so this is exact.
  const std::uint64_t length = frame.payload_length;
  const std::uint64_t header = 2 + (length > 0xFFFF ? 8 : (length > 125 ? 2 : 0)) + 4;
  bytes_in_frames_ += header + length;
  if (wslay_is_ctrl_frame(frame.opcode) == 0) is_inside_message_ = frame.fin == 0;
}

void FrameReader::on_message(const wslay_event_on_msg_recv_arg& message) {
  if (message.opcode == WSLAY_CONNECTION_CLOSE && message.msg_length == 1) is_close_faulty_ = true;
  if (wslay_is_ctrl_frame(message.opcode) != 0) return;
  receiver_->on_message({{reinterpret_cast<const char*>(message.msg), message.msg_length},
                         message.opcode == WSLAY_TEXT_FRAME,
                         wslay_get_rsv1(message.rsv) != 0});
}

}  // namespace wildnout::ws
