// Checks of targets, hosts, request ids, trace contexts and tokens.
#include "platform/http/head.hpp"

#include <algorithm>
#include <array>

#include "platform/values/random.hpp"

namespace wildnout::http {
namespace {

constexpr std::size_t request_id_longest = 128;
constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

constexpr bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Hexadecimal, lower case, and not all zeros: as trace and span ids must be.
bool is_trace_part(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_lower_hex) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

std::optional<Target> split_path(std::string_view rest) {
  if (rest.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t question = rest.find('?');
  if (question == std::string_view::npos) return Target{rest, {}};
  return Target{rest.substr(0, question), rest.substr(question + 1)};
}

// The length of "http://" or "https://" at the front, or 0.
std::size_t scheme_length(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && same_word(target.substr(0, scheme.size()), scheme)) {
      return scheme.size();
    }
  }
  return 0;
}

}  // namespace

std::string error_body(const Fault& fault, std::string_view request_id) {
  std::string body = R"({"error":{"code":")";
  body.append(fault.code).append(R"(","message":")").append(fault.message);
  body.append(R"(","requestId":")").append(request_id).append("\"}}");
  return body;
}

std::optional<Target> split_target(Method method, std::string_view target) {
  if (target.starts_with('/')) return split_path(target);
  if (target == "*") {
    if (method != Method::options) return std::nullopt;
    return Target{"/", {}};
  }
  const std::size_t scheme = scheme_length(target);
  if (scheme == 0) return std::nullopt;
  const std::size_t authority_end = target.find_first_of("/?#", scheme);
  if (!is_host(target.substr(scheme, authority_end - scheme)) || authority_end == scheme) {
    return std::nullopt;
  }
  if (authority_end == std::string_view::npos) return Target{"/", {}};
  auto split = split_path(target.substr(authority_end));
  if (split && split->path.empty()) split->path = "/";
  return split;
}

bool is_host(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_letter_or_digit(c) || is_one_of(c, "-._~%!$&'()*+;=:[]");
  });
}

bool is_sane_request_id(std::string_view value) {
  return !value.empty() && value.size() <= request_id_longest &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string answer_traceparent(std::string_view received) {
  // version "-" trace-id (32) "-" parent-id (16) "-" flags (2); later versions may go on.
  constexpr std::size_t length = 55;
  constexpr std::size_t trace_at = 3;
  constexpr std::size_t span_at = 36;
  constexpr std::size_t flags_at = 53;
  if (received.size() < length) return {};
  const std::string_view version = received.substr(0, 2);
  if (!std::all_of(version.begin(), version.end(), is_lower_hex) || version == "ff") return {};
  if (version == "00" && received.size() != length) return {};
  if (received.size() > length && received[length] != '-') return {};
  if (received[2] != '-' || received[span_at - 1] != '-' || received[flags_at - 1] != '-') {
    return {};
  }
  const std::string_view flags = received.substr(flags_at, 2);
  if (!is_trace_part(received.substr(trace_at, 32)) ||
      !is_trace_part(received.substr(span_at, 16)) ||
      !std::all_of(flags.begin(), flags.end(), is_lower_hex)) {
    return {};
  }
  std::array<std::uint8_t, 8> span{};
  random_bytes(span);
  span[0] |= 1;  // a span id of zeros is invalid
  std::string answer = "00";
  answer.append(received.substr(2, span_at - 2));
  for (const std::uint8_t byte : span) {
    answer += hex_digits[byte >> 4];
    answer += hex_digits[byte & 15];
  }
  answer.append("-").append(flags);
  return answer;
}

bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (same_word(trimmed(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_websocket_key(std::string_view value) {
  constexpr std::size_t length = 24;
  if (value.size() != length || !value.ends_with("==")) return false;
  // The last digit carries two bits only; the rest of it is zero.
  const std::string_view digits = value.substr(0, length - 2);
  return is_one_of(digits.back(), "AQgw") && std::all_of(digits.begin(), digits.end(), [](char c) {
           return is_letter_or_digit(c) || c == '+' || c == '/';
         });
}

}  // namespace wildnout::http
