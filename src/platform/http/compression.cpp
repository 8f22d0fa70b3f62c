// zlib and brotli behind two functions, and the body that carries all its forms.
#include "platform/http/compression.hpp"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace wildnout::http {

struct Compressor::Deflate {
  z_stream stream{};
  bool is_ready = false;

  // 15 + 16: a window of 32 KiB, in gzip's wrapping.
  bool prepare(int level) {
    if (is_ready) return deflateReset(&stream) == Z_OK;
    is_ready = deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    return is_ready;
  }
  ~Deflate() {
    if (is_ready) deflateEnd(&stream);
  }
};

Compressor::Compressor(Effort effort) : effort_{effort}, deflate_{std::make_unique<Deflate>()} {}
Compressor::~Compressor() = default;

std::string Compressor::gzip(std::string_view body) {
  if (!deflate_->prepare(effort_.gzip_level)) return {};
  z_stream& stream = deflate_->stream;
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return {};
  out.resize(stream.total_out);
  return out;
}

std::string Compressor::brotli(std::string_view body) const {
  std::size_t size = BrotliEncoderMaxCompressedSize(body.size());
  std::string out(size, '\0');
  // No window beyond the body: the encoder's memory follows the window.
  const int window = std::clamp(static_cast<int>(std::bit_width(body.size())),
                                BROTLI_MIN_WINDOW_BITS, BROTLI_DEFAULT_WINDOW);
  const auto* input = reinterpret_cast<const std::uint8_t*>(body.data());
  if (BrotliEncoderCompress(effort_.brotli_quality, window, BROTLI_MODE_TEXT, body.size(), input,
                            &size, reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_FALSE) {
    return {};
  }
  out.resize(size);
  return out;
}

std::shared_ptr<const SharedBody> make_shared_body(std::string identity, bool compress) {
  auto body = std::make_shared<SharedBody>();
  body->identity = std::move(identity);
  if (compress && body->identity.size() > smallest_compressed_bytes) {
    Compressor compressor{kept};
    body->gzip = compressor.gzip(body->identity);
    body->brotli = compressor.brotli(body->identity);
    if (body->gzip.size() >= body->identity.size()) body->gzip.clear();
    if (body->brotli.size() >= body->identity.size()) body->brotli.clear();
  }
  return body;
}

}  // namespace wildnout::http
