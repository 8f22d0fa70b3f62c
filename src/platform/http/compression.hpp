// gzip and brotli of whole bodies.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/http/response.hpp"

namespace wildnout::http {

// Bodies of up to this many bytes are sent as they are: coding them saves no packet.
inline constexpr std::size_t smallest_compressed_bytes = 1024;
// A larger body is not compressed while a client waits: 256 KiB take about 2 ms of the shard.
inline constexpr std::size_t largest_compressed_on_the_way_bytes = 256 * 1024;

// How hard to try. A list of 20 KB as JSON: on its way in 0.14 ms (brotli, to 4.04 KB) or 0.1 ms
// (gzip, to 4.8 KB); kept in 0.43 ms (4.02 KB) or 0.24 ms (4.45 KB).
struct Effort {
  int gzip_level;
  int brotli_quality;
};
inline constexpr Effort on_its_way{3, 2};  // for one answer, while its client waits
inline constexpr Effort kept{6, 5};        // once for many answers

// Keeps zlib's 260 KB of state between bodies. Empty results: the library failed.
class Compressor {
 public:
  explicit Compressor(Effort effort);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  [[nodiscard]] std::string gzip(std::string_view body);
  [[nodiscard]] std::string brotli(std::string_view body) const;

 private:
  struct Deflate;
  Effort effort_;
  std::unique_ptr<Deflate> deflate_;
};

}  // namespace wildnout::http
