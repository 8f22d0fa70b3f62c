// The grammar of HTTP/1.1 requests: a head into its fields, a chunked body into its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/head.hpp"
#include "platform/http/request.hpp"

namespace wildnout::http {

// A piece of the head by its place, so that the buffer may move while the body is read.
struct Span {
  std::uint32_t at = 0;
  std::uint32_t size = 0;

  [[nodiscard]] std::string_view in(const char* base) const { return {base + at, size}; }
};

struct Field {
  Span name;
  Span value;  // trimmed
};

// Parses one request after the other (`reset` between them); keeps its memory. Beast's parser is
// behind it, and checks on top that Beast does not make: folded lines, counts, total size, Host.
class RequestParser {
 public:
  enum class Verdict : std::uint8_t { more, complete, fault };

  struct Bounds {
    std::size_t head_bytes;
    std::size_t target_bytes;
    std::size_t fields;
    std::size_t body_bytes;
  };

  explicit RequestParser(Bounds bounds);
  ~RequestParser();

  void reset();

  // `base` holds the first `size` bytes from the request's beginning on. Call again with more
  // until it is not `more`.
  [[nodiscard]] Verdict parse_head(const char* base, std::size_t size);

  // Decodes a chunked body: appends to `body`, says how many bytes of `bytes` it took.
  [[nodiscard]] Verdict parse_chunks(std::string_view bytes, std::size_t& taken, std::string& body);

  [[nodiscard]] const Fault& fault() const { return *fault_; }

  // Of a complete head.
  [[nodiscard]] std::size_t head_size() const { return parsed_; }
  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] Span target() const { return target_; }
  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] std::optional<std::string_view> header(const char* base,
                                                       std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;
  [[nodiscard]] bool is_chunked() const;
  [[nodiscard]] bool is_http11() const { return is_http11_; }
  [[nodiscard]] bool keeps_alive() const;
  [[nodiscard]] bool asks_for_upgrade() const;  // Connection lists `upgrade`
  // `Expect: 100-continue` of an HTTP/1.1 client.
  [[nodiscard]] bool expects_continue() const { return expects_continue_ && is_http11_; }

 private:
  struct Grammar;

  Verdict fail(const Fault& fault);
  [[nodiscard]] const Fault* judge_head() const;

  Bounds bounds_;
  std::unique_ptr<Grammar> grammar_;
  const char* base_ = nullptr;  // during a call
  std::size_t parsed_ = 0;
  const Fault* fault_ = nullptr;
  std::vector<Field> fields_;
  Span target_;
  Method method_ = Method::other;
  bool is_connect_ = false;
  bool is_http11_ = true;
  bool expects_continue_ = false;
  bool has_strange_coding_ = false;  // a Transfer-Encoding that is not just `chunked`
  bool has_bad_host_ = false;
  unsigned hosts_ = 0;
};

}  // namespace wildnout::http
