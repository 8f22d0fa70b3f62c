// What a handler may give back. A plain described struct (or vector of one) is 200 with its JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/http/response.hpp"

namespace wildnout::api {

// 201 with Location: a path from the version prefix on, "/battles/0198…".
template <class T>
struct Created {
  T value;
  std::string location;
};

// 202: begun, not done.
template <class T>
struct Accepted {
  T value;
};

// 204.
struct NoContent {};

// 200 {"items":[…],"nextCursor":"…"|null}.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next_cursor;
};

// 200 with ETag (given without quotes), or 304 when the client has that version.
template <class T>
struct Tagged {
  T value;
  std::string etag;
};

// The ready JSON of a T, shared with the cache that keeps it or made just now. ETag as above; none
// when it is empty.
template <class T>
struct Ready {
  std::variant<std::string, std::shared_ptr<const http::SharedBody>> body;
  std::string etag;
};

// A T with one of several statuses, as "ready" and "not ready" have the same body.
template <class T, std::uint16_t... Statuses>
struct Answer {
  std::uint16_t status;
  T value;
};

// 200 with a JSON text a line (application/x-ndjson), each a T, sent while they are made: for lists
// that have no bound. ETag as above. A client knows by the last chunk that it has got all.
template <class T>
struct Lines {
  std::unique_ptr<http::BodySource> source;
  std::string etag;
};

// Anything that is not JSON. `content_type` of static life time.
struct Plain {
  std::string body;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::uint16_t status = 200;
  std::string headers{};                       // whole extra lines, as in http::Response
  std::unique_ptr<http::BodySource> source{};  // in place of `body`: made while it is sent
};

// A T as JSON, or what a Plain says in its place: a table, for who prefers one. The route's
// About::content_type names the other type in the document.
template <class T>
struct OrPlain {
  std::variant<T, Plain> value;
};

}  // namespace wildnout::api
