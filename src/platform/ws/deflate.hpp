// permessage-deflate (RFC 7692) without context takeover: each message is compressed by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace wildnout::ws {

// One a shard, about 260 KB once used. A compressed message may go to any number of sockets.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The payload for a frame with RSV1 set; empty when it would not be smaller than the text.
  [[nodiscard]] std::string deflate(std::string_view text);

 private:
  std::unique_ptr<z_stream_s> stream_;  // made when first needed
};

// One a shard.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Outcome { done, too_big, broken };
  // Replaces `text`; never writes more than `limit` bytes, however small the payload was.
  [[nodiscard]] Outcome inflate(std::string_view payload, std::size_t limit, std::string& text);

 private:
  std::unique_ptr<z_stream_s> stream_;  // made when first needed
};

}  // namespace wildnout::ws
