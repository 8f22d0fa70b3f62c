// Files that were compiled into the binary (cmake/embed.cmake), as answers.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace wildnout::http {

// A row of a generated table. All of static life time.
struct EmbeddedFile {
  std::string_view path;  // "/docs/docs.js"
  std::string_view bytes;
  std::string_view etag;  // with its quotes
};

// The media type by the ending of the name; application/octet-stream when it is none of the web's.
[[nodiscard]] std::string_view media_type_of(std::string_view path);

// Shared by all shards: compressed forms are made once, by the first answer that needs them (about
// 0.1 s for the largest file), and nothing else changes.
class Assets {
 public:
  void add(std::span<const EmbeddedFile> files);  // before the first answer

  // 200 or 304 with ETag and `Cache-Control: no-cache`; a folder's path ("/docs", "/docs/") gives
  // its index.html. Nothing: no such file. The method is the caller's to check.
  [[nodiscard]] std::optional<Response> answer(std::string_view path, const Request& request) const;

 private:
  struct Asset {
    explicit Asset(const EmbeddedFile& file_) : file{file_} {}
    EmbeddedFile file;
    std::once_flag is_made;
    std::shared_ptr<const SharedBody> body;  // shared with the connections that write it
  };

  [[nodiscard]] Asset* find(std::string_view path) const;

  std::unordered_map<std::string_view, std::unique_ptr<Asset>> assets_;
};

}  // namespace wildnout::http
