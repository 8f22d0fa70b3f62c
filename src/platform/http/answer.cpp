// Status line, header lines, the fitting form of the body.
#include "platform/http/answer.hpp"

#include <charconv>
#include <utility>

namespace wildnout::http {
namespace {

// A longer body is written from its own memory instead of being copied behind the head.
constexpr std::size_t longest_copied_bytes = 16 * 1024;

struct ChosenBody {
  std::string_view bytes;
  std::string_view coding;  // value of Content-Encoding, empty: none
  bool varies = false;      // by Accept-Encoding
};

ChosenBody ready_form(const SharedBody& body, Coding coding) {
  if (coding == Coding::brotli && !body.brotli.empty()) return {body.brotli, "br", true};
  if (coding == Coding::gzip && !body.gzip.empty()) {
    return {body.gzip, "gzip", true};
  }
  return {body.identity, {}, true};
}

std::string compressed(Compressor& compressor, std::string_view body, Coding coding) {
  return coding == Coding::brotli ? compressor.brotli(body) : compressor.gzip(body);
}

bool has_own_coding(const Response& response) {
  return response.headers.find("Content-Encoding:") != std::string::npos;
}

// May replace the body of `response` by its compressed form.
ChosenBody choose_body(Response& response, const Envelope& envelope, Compressor& compressor) {
  const auto* shared = std::get_if<std::shared_ptr<const SharedBody>>(&response.body);
  const std::string_view identity = shared != nullptr ? std::string_view{(*shared)->identity}
                                                      : std::get<std::string>(response.body);
  // A small body is looked at only when the client might refuse it as it is.
  const bool is_small = identity.size() <= smallest_compressed_bytes;
  const bool may_refuse = envelope.accept_encoding.find("q=0") != std::string_view::npos;
  if (identity.empty() || (is_small && !may_refuse) || !is_compressible(response.content_type) ||
      has_own_coding(response)) {
    return {identity, {}, false};
  }
  const CodingChoice choice = choose_coding(envelope.accept_encoding);
  if (is_small && !choice.is_identity_refused) return {identity, {}, false};
  if (choice.coding == Coding::identity) return {identity, {}, true};
  if (shared != nullptr) {
    const ChosenBody ready = ready_form(**shared, choice.coding);
    if (!ready.coding.empty()) return ready;
  }
  if (identity.size() > largest_compressed_on_the_way_bytes) return {identity, {}, true};
  std::string smaller = compressed(compressor, identity, choice.coding);
  if (smaller.empty() || (smaller.size() >= identity.size() && !choice.is_identity_refused)) {
    return {identity, {}, true};
  }
  response.body = std::move(smaller);
  return {std::get<std::string>(response.body), choice.coding == Coding::brotli ? "br" : "gzip",
          true};
}

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, end);
}

void append_status_line(std::string& out, std::uint16_t status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(reason_of(status)).append("\r\n");
}

}  // namespace

std::string_view write_answer(Response& response, const Envelope& envelope, Compressor& compressor,
                              std::string& out) {
  const bool is_bodiless = response.status == 204 || response.status == 304;
  append_status_line(out, response.status);
  out.append(envelope.common_lines);
  ChosenBody body;
  if (response.source) {
    out.append("Content-Type: ").append(response.content_type).append("\r\n");
    if (envelope.is_http11) out.append("Transfer-Encoding: chunked\r\n");
  } else if (!is_bodiless) {
    body = choose_body(response, envelope, compressor);
    if (!response.content_type.empty()) {
      out.append("Content-Type: ").append(response.content_type).append("\r\n");
    }
    out.append("Content-Length: ");
    append_number(out, body.bytes.size());
    out.append("\r\n");
    if (!body.coding.empty()) out.append("Content-Encoding: ").append(body.coding).append("\r\n");
    if (body.varies) out.append("Vary: Accept-Encoding\r\n");
  }
  out.append("X-Request-Id: ").append(envelope.request_id).append("\r\n");
  if (!envelope.traceparent.empty()) {
    out.append("traceparent: ").append(envelope.traceparent).append("\r\n");
  }
  if (!envelope.keeps_alive) {
    out.append("Connection: close\r\n");
  } else if (!envelope.is_http11) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append(response.headers).append("\r\n");
  if (is_bodiless || envelope.has_no_body) return {};
  if (body.bytes.size() >= longest_copied_bytes) return body.bytes;
  out.append(body.bytes);
  return {};
}

std::string_view reason_of(std::uint16_t status) {
  static constexpr std::pair<std::uint16_t, std::string_view> reasons[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [known, reason] : reasons) {
    if (known == status) return reason;
  }
  return "Unknown";
}

}  // namespace wildnout::http
