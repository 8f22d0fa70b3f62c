// zlib behind permessage-deflate.
#include "platform/ws/deflate.hpp"

#include <zlib.h>

#include <new>

namespace wildnout::ws {
namespace {

// Level 1: 7 us for 500 bytes, 20 us for 2 KB, and a tenth larger than level 6 at twice that.
constexpr int level = 1;
constexpr int raw_window_bits = -15;  // negative: no zlib header
constexpr int memory_level = 8;

// What a sync flush ends with; taken off by the sender, put back by the receiver (section 7.2).
constexpr std::string_view tail{"\x00\x00\xff\xff", 4};

Bytef* bytes_of(const char* text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));  // zlib only reads it
}

}  // namespace

Deflater::Deflater() = default;

Deflater::~Deflater() {
  if (stream_) deflateEnd(stream_.get());
}

std::string Deflater::deflate(std::string_view text) {
  if (!stream_) {
    auto fresh = std::make_unique<z_stream>();
    if (deflateInit2(fresh.get(), level, Z_DEFLATED, raw_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc{};
    }
    stream_ = std::move(fresh);
  }
  deflateReset(stream_.get());
  std::string out(text.size() + tail.size(), '\0');  // more would not be worth sending
  stream_->next_in = bytes_of(text.data());
  stream_->avail_in = static_cast<uInt>(text.size());
  stream_->next_out = bytes_of(out.data());
  stream_->avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(stream_.get(), Z_SYNC_FLUSH);
  out.resize(out.size() - stream_->avail_out);
  if (result != Z_OK || stream_->avail_in != 0 || stream_->avail_out == 0 || !out.ends_with(tail)) {
    return {};
  }
  out.resize(out.size() - tail.size());
  return out;
}

Inflater::Inflater() = default;

Inflater::~Inflater() {
  if (stream_) inflateEnd(stream_.get());
}

Inflater::Outcome Inflater::inflate(std::string_view payload, std::size_t limit,
                                    std::string& text) {
  if (!stream_) {
    auto fresh = std::make_unique<z_stream>();
    if (inflateInit2(fresh.get(), raw_window_bits) != Z_OK) throw std::bad_alloc{};
    stream_ = std::move(fresh);
  }
  inflateReset(stream_.get());
  text.resize(limit + 1);  // one more, so that a text of just the limit is told from a longer one
  stream_->next_out = bytes_of(text.data());
  stream_->avail_out = static_cast<uInt>(text.size());
  for (const std::string_view part : {payload, tail}) {
    stream_->next_in = bytes_of(part.data());
    stream_->avail_in = static_cast<uInt>(part.size());
    const int result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    if (stream_->avail_out == 0) return Outcome::too_big;
    if (result == Z_STREAM_END) break;  // the peer marked its last block as final
    if (result != Z_OK && result != Z_BUF_ERROR) return Outcome::broken;
  }
  text.resize(text.size() - stream_->avail_out);
  return Outcome::done;
}

}  // namespace wildnout::ws
