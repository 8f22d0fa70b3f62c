// Reading Accept-Encoding, media types and lists of entity tags.
#include "platform/http/negotiation.hpp"

#include <optional>

#include "platform/http/head.hpp"

namespace wildnout::http {
namespace {

constexpr int full_weight = 1000;  // weights are kept in thousandths

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// qvalue = "0" ["." 0*3DIGIT] / "1" ["." 0*3"0"]
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = text[0] == '1' ? full_weight : 0;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int unit = full_weight / 10;
  for (std::size_t at = 2; at < text.size(); ++at, unit /= 10) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    weight += (text[at] - '0') * unit;
  }
  return weight > full_weight ? std::nullopt : std::optional{weight};
}

// The weight of one item's parameters, those behind its first ';'.
std::optional<int> weight_of(std::string_view parameters) {
  const std::string_view text = trimmed(parameters);
  if (text.empty()) return full_weight;
  if (text.size() < 2 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return std::nullopt;
  return parse_weight(text.substr(2));
}

struct Weights {
  std::optional<int> gzip;
  std::optional<int> brotli;
  std::optional<int> identity;
  std::optional<int> any;

  void note(std::string_view item) {
    const std::size_t semicolon = item.find(';');
    const std::string_view name = trimmed(item.substr(0, semicolon));
    const auto weight = semicolon == std::string_view::npos ? std::optional{full_weight}
                                                            : weight_of(item.substr(semicolon + 1));
    if (!weight) return;
    if (same_word(name, "gzip") || same_word(name, "x-gzip")) {
      gzip = weight;
    } else if (same_word(name, "br")) {
      brotli = weight;
    } else if (same_word(name, "identity")) {
      identity = weight;
    } else if (name == "*") {
      any = weight;
    }
  }
};

}  // namespace

CodingChoice choose_coding(std::string_view accept_encoding) {
  Weights weights;
  while (!accept_encoding.empty()) {
    const std::size_t comma = accept_encoding.find(',');
    weights.note(accept_encoding.substr(0, comma));
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  const int brotli = weights.brotli.value_or(weights.any.value_or(0));
  const int gzip = weights.gzip.value_or(weights.any.value_or(0));
  // Unnamed, identity is acceptable, but named codings are liked better.
  const int identity = weights.identity.value_or(weights.any.value_or(1));
  CodingChoice choice;
  choice.is_identity_refused = identity == 0;
  if (brotli > 0 && brotli >= gzip && brotli >= identity) {
    choice.coding = Coding::brotli;
  } else if (gzip > 0 && gzip >= identity) {
    choice.coding = Coding::gzip;
  }
  return choice;
}

bool is_compressible(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("javascript") ||
         type.ends_with("xml") || type == "application/wasm";
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  const auto opaque = [](std::string_view tag) {
    return tag.starts_with("W/") ? tag.substr(2) : tag;
  };
  if (trimmed(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    const std::size_t comma = if_none_match.find(',');
    if (opaque(trimmed(if_none_match.substr(0, comma))) == opaque(etag)) return true;
    if (comma == std::string_view::npos) break;
    if_none_match.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace wildnout::http
