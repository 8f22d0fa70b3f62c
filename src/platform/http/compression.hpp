// gzip and brotli of whole bodies.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/http/response.hpp"

namespace wildnout::http {

// Bodies of up to this many bytes are sent as they are: coding them saves no packet.
inline constexpr std::size_t smallest_compressed_bytes = 1024;
// A larger body is not compressed while a client waits: 256 KiB take about 5 ms of the shard.
inline constexpr std::size_t largest_compressed_on_the_way_bytes = 256 * 1024;

// Keeps zlib's 260 KB of state between bodies. Empty results: the library failed.
class Compressor {
 public:
  static constexpr int gzip_level = 5;
  static constexpr int brotli_quality = 4;  // for an answer on its way
  static constexpr int brotli_quality_kept = 5;

  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  [[nodiscard]] std::string gzip(std::string_view body);
  [[nodiscard]] static std::string brotli(std::string_view body, int quality = brotli_quality);

 private:
  struct Deflate;
  std::unique_ptr<Deflate> deflate_;
};

}  // namespace wildnout::http
