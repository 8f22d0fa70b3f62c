// Looking files up, 304s, media types.
#include "platform/http/assets.hpp"

#include <array>
#include <utility>

#include "platform/http/negotiation.hpp"

namespace wildnout::http {

std::string_view media_type_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> types{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".txt", "text/plain; charset=utf-8"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".webmanifest", "application/manifest+json"},
  }};
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

void Assets::add(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    assets_.insert_or_assign(file.path, std::make_unique<Asset>(file));
  }
}

std::optional<Response> Assets::answer(std::string_view path, const Request& request) const {
  Asset* asset = find(path);
  if (asset == nullptr) return std::nullopt;
  Response response;
  response.add_header("ETag", asset->file.etag);
  // To be asked for again each time, which a 304 answers: names carry no version.
  response.add_header("Cache-Control", "no-cache");
  const auto known = request.header("If-None-Match");
  if (known && matches_etag(*known, asset->file.etag)) {
    response.status = 304;
    response.body = std::string{};
    response.add_header("Vary", "Accept-Encoding");
    return response;
  }
  response.content_type = media_type_of(asset->file.path);
  std::call_once(asset->is_made, [asset, type = response.content_type] {
    asset->body = make_shared_body(std::string{asset->file.bytes}, is_compressible(type));
  });
  response.body = asset->body;
  return response;
}

Assets::Asset* Assets::find(std::string_view path) const {
  if (const auto found = assets_.find(path); found != assets_.end()) return found->second.get();
  const std::string index =
      std::string{path} + (path.ends_with('/') ? "index.html" : "/index.html");
  const auto found = assets_.find(index);
  return found == assets_.end() ? nullptr : found->second.get();
}

}  // namespace wildnout::http
