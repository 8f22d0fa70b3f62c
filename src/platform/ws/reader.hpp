// Reads a client's frames with wslay: joins fragments, answers pings, tells violations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct wslay_event_context;
struct wslay_event_on_frame_recv_start_arg;
struct wslay_event_on_msg_recv_arg;

namespace wildnout::ws {

// A message as it came; the bytes are valid during the call only.
struct Incoming {
  std::string_view bytes;
  bool is_text = true;
  bool is_deflated = false;
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void on_message(const Incoming& message) = 0;
};

// About 9 KB, so a socket has one only while a frame or message of it is incomplete; in between the
// shard lends the same one to all.
class FrameReader {
 public:
  FrameReader(std::size_t message_bytes);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  enum class State {
    at_rest,  // between messages: may serve another socket
    inside,   // of a frame or a fragmented message
    over,     // the peer closed, or broke the protocol: nothing more is read
  };

  // Reads all of `bytes`. Frames to send back (pong, and the close frame when it is over) are
  // appended to `answers`.
  [[nodiscard]] State feed(std::string_view bytes, bool may_be_deflated, Receiver& receiver,
                           std::string& answers);

 private:
  friend struct ReaderCallbacks;
  void on_frame(const wslay_event_on_frame_recv_start_arg& frame);
  void on_message(const wslay_event_on_msg_recv_arg& message);

  wslay_event_context* context_ = nullptr;
  std::string_view input_;
  std::string* answers_ = nullptr;
  Receiver* receiver_ = nullptr;
  std::uint64_t bytes_fed_ = 0;
  std::uint64_t bytes_in_frames_ = 0;  // of all frames that began, to their ends
  bool is_inside_message_ = false;
  bool is_close_faulty_ = false;  // one byte is no status code
};

}  // namespace wildnout::ws
