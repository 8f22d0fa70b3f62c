// Building the flat node list from the events of Boost.JSON's parser, and walking it.
#include "platform/json/document.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "platform/json/text.hpp"

namespace wildnout::json {

namespace {

// Offsets are 32 bits wide. Far above what any caller lets in.
constexpr std::size_t max_document_bytes = 64 * 1024 * 1024;

// Below this many members comparing each with each is quicker than sorting.
constexpr std::size_t few_members = 8;

}  // namespace

// Receives the parser's events. A handler that returns false stops the parser; `fault_` says why.
class Builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  using Code = boost::json::error_code;
  using View = boost::json::string_view;

  explicit Builder(Document& document) : document_{document} {}

  [[nodiscard]] const char* fault() const { return fault_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(Kind::object); }
  bool on_object_end(std::size_t, Code& code) {
    const std::uint32_t node = close();
    return has_unique_names(node) || stop(code, "the same name twice in an object");
  }
  bool on_array_begin(Code&) { return open(Kind::array); }
  bool on_array_end(std::size_t, Code&) {
    close();
    return true;
  }

  bool on_key_part(View part, std::size_t, Code&) { return append(part); }
  bool on_key(View part, std::size_t size, Code& code) {
    append(part);
    key_size_ = static_cast<std::uint32_t>(size);
    key_at_ = static_cast<std::uint32_t>(document_.strings_.size() - size);
    return has_no_zero(key_at_) || stop(code, "U+0000 in a name");
  }
  bool on_string_part(View part, std::size_t, Code&) { return append(part); }
  bool on_string(View part, std::size_t size, Code& code) {
    append(part);
    Document::Node& node = add(Kind::string);
    node.text_size = static_cast<std::uint32_t>(size);
    node.text_at = static_cast<std::uint32_t>(document_.strings_.size() - size);
    return has_no_zero(node.text_at) || stop(code, "U+0000 in a string");
  }

  bool on_number_part(View part, Code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, View, Code&) {
    number_.clear();
    add(Kind::integer).scalar.integer = value;
    return true;
  }
  bool on_uint64(std::uint64_t value, View, Code&) {
    number_.clear();
    add(Kind::real).scalar.real = static_cast<double>(value);
    return true;
  }
  // The parser's own value may be a unit in the last place off.
  bool on_double(double value, View part, Code& code) {
    number_.append(part.data(), part.size());
    std::from_chars(number_.data(), number_.data() + number_.size(), value);
    number_.clear();
    add(Kind::real).scalar.real = value;
    return std::isfinite(value) || stop(code, "a number out of range");
  }
  bool on_bool(bool value, Code&) {
    add(Kind::boolean).scalar.boolean = value;
    return true;
  }
  bool on_null(Code&) {
    add(Kind::null);
    return true;
  }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

 private:
  bool stop(Code& code, const char* fault) {
    fault_ = fault;
    code = boost::json::error::syntax;
    return false;
  }

  bool append(View part) {
    document_.strings_.append(part.data(), part.size());
    return true;
  }

  bool has_no_zero(std::uint32_t from) const {
    return document_.strings_.find('\0', from) == std::string::npos;
  }

  Document::Node& add(Kind kind) {
    if (depth_ > 0) ++document_.nodes_[open_[depth_ - 1]].size;
    Document::Node& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.key_at = key_at_;
    node.key_size = key_size_;
    node.end = static_cast<std::uint32_t>(document_.nodes_.size());
    return node;
  }

  // The parser has refused more than max_depth levels before it gets here.
  bool open(Kind kind) {
    add(kind);
    open_[depth_++] = static_cast<std::uint32_t>(document_.nodes_.size() - 1);
    return true;
  }

  std::uint32_t close() {
    const std::uint32_t node = open_[--depth_];
    document_.nodes_[node].end = static_cast<std::uint32_t>(document_.nodes_.size());
    return node;
  }

  bool has_unique_names(std::uint32_t object) {
    names_.clear();
    const std::uint32_t end = document_.nodes_[object].end;
    const bool is_small = document_.nodes_[object].size <= few_members;
    for (std::uint32_t at = object + 1; at < end; at = document_.nodes_[at].end) {
      const Document::Node& node = document_.nodes_[at];
      const std::string_view name = document_.range(node.key_at, node.key_size);
      if (is_small && std::find(names_.begin(), names_.end(), name) != names_.end()) return false;
      names_.push_back(name);
    }
    if (is_small) return true;
    std::sort(names_.begin(), names_.end());
    return std::adjacent_find(names_.begin(), names_.end()) == names_.end();
  }

  Document& document_;
  std::array<std::uint32_t, max_depth + 1> open_{};
  std::size_t depth_ = 0;
  std::uint32_t key_at_ = 0;
  std::uint32_t key_size_ = 0;
  std::vector<std::string_view> names_;
  std::string number_;  // the parts of one that is under way
  const char* fault_ = nullptr;
};

namespace {

// Words for the parser's own errors; those of a handler have been given by it.
const char* reason_of(const boost::json::error_code& code) {
  using boost::json::error;
  if (code == error::too_deep) return "nested more than 32 levels deep";
  if (code == error::extra_data) return "text behind the JSON value";
  if (code == error::incomplete) return "the JSON text ends too early";
  if (code == error::exponent_overflow) return "a number out of range";
  if (code == error::illegal_leading_surrogate || code == error::illegal_trailing_surrogate ||
      code == error::expected_utf16_escape) {
    return "a lone surrogate in a string";
  }
  return "not JSON (RFC 8259)";
}

}  // namespace

Document::Document(std::string_view text) {
  if (text.size() > max_document_bytes) throw Malformed{"the JSON text is too long"};
  strings_.reserve(text.size());
  nodes_.reserve(std::min<std::size_t>(text.size() / 16 + 4, 1024));
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::basic_parser<Builder> parser{options, *this};
  boost::json::error_code code;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  if (!code && used < text.size()) code = boost::json::error::extra_data;
  if (!code) return;
  const char* fault = parser.handler().fault();
  throw Malformed{std::string{fault != nullptr ? fault : reason_of(code)} + " (near byte " +
                  std::to_string(used) + ")"};
}

Kind Value::kind() const { return document_->nodes_[node_].kind; }

bool Value::boolean() const { return document_->nodes_[node_].scalar.boolean; }

std::int64_t Value::integer() const { return document_->nodes_[node_].scalar.integer; }

double Value::real() const {
  const Document::Node& node = document_->nodes_[node_];
  return node.kind == Kind::integer ? static_cast<double>(node.scalar.integer) : node.scalar.real;
}

std::string_view Value::text() const {
  const Document::Node& node = document_->nodes_[node_];
  return document_->range(node.text_at, node.text_size);
}

Value::Iterator Value::begin() const { return {document_, node_ + 1}; }

Value::Iterator Value::end() const { return {document_, document_->nodes_[node_].end}; }

std::size_t Value::size() const { return document_->nodes_[node_].size; }

std::string_view Value::key() const {
  const Document::Node& node = document_->nodes_[node_];
  return document_->range(node.key_at, node.key_size);
}

Value Value::find(std::string_view name) const {
  for (const Value member : *this) {
    if (member.key() == name) return member;
  }
  return {};
}

Value::Iterator& Value::Iterator::operator++() {
  node_ = document_->nodes_[node_].end;
  return *this;
}

void Value::append_to(std::string& out) const {
  switch (kind()) {
    case Kind::null:
      out.append("null");
      return;
    case Kind::boolean:
      out.append(boolean() ? "true" : "false");
      return;
    case Kind::integer:
      append_integer(integer(), out);
      return;
    case Kind::real:
      append_real(real(), out);
      return;
    case Kind::string:
      append_quoted(text(), out);
      return;
    case Kind::array:
    case Kind::object:
      break;
  }
  const bool is_object = kind() == Kind::object;
  out.push_back(is_object ? '{' : '[');
  bool is_first = true;
  for (const Value element : *this) {
    if (!is_first) out.push_back(',');
    is_first = false;
    if (is_object) {
      append_quoted(element.key(), out);
      out.push_back(':');
    }
    element.append_to(out);
  }
  out.push_back(is_object ? '}' : ']');
}

}  // namespace wildnout::json
