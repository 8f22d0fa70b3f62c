// Reading, writing and describing the scalar types.
#include "platform/json/coding.hpp"

#include <charconv>

namespace wildnout::json {
namespace {

std::string range_fault(std::int64_t min, std::int64_t max) {
  return "must be a whole number between " + std::to_string(min) + " and " + std::to_string(max);
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && rest == end;
}

}  // namespace

std::int64_t read_integer(Value value, std::int64_t min, std::int64_t max, Reader& reader) {
  if (value.kind() == Kind::integer && value.integer() >= min && value.integer() <= max) {
    return value.integer();
  }
  const bool is_number = value.kind() == Kind::integer || value.kind() == Kind::real;
  reader.fault(is_number ? range_fault(min, max) : "must be a whole number");
  return 0;
}

std::string parse_integer(std::string_view text, std::int64_t min, std::int64_t max,
                          std::int64_t& out) {
  if (!parse_number(text, out)) return "must be a whole number";
  return out >= min && out <= max ? std::string{} : range_fault(min, max);
}

void describe_integer(std::int64_t min, std::int64_t max, std::string& out) {
  out.append(R"({"type":"integer")");
  // Limits of the machine's own types say nothing to a reader.
  if (min > std::numeric_limits<std::int32_t>::min()) {
    out.append(R"(,"minimum":)").append(std::to_string(min));
  }
  if (max < std::numeric_limits<std::int32_t>::max()) {
    out.append(R"(,"maximum":)").append(std::to_string(max));
  }
  out.push_back('}');
}

void Coding<bool>::read(Value value, bool& out, Reader& reader) {
  if (value.kind() != Kind::boolean) return reader.fault("must be true or false");
  out = value.boolean();
}

void Coding<bool>::write(const bool& value, std::string& out) {
  out.append(value ? "true" : "false");
}

std::string Coding<bool>::parse(std::string_view text, bool& out) {
  out = text == "true";
  return out || text == "false" ? "" : "must be true or false";
}

void Coding<bool>::describe(Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"boolean"})");
}

void Coding<double>::read(Value value, double& out, Reader& reader) {
  if (value.kind() != Kind::integer && value.kind() != Kind::real) {
    return reader.fault("must be a number");
  }
  out = value.real();
}

void Coding<double>::write(const double& value, std::string& out) { append_real(value, out); }

std::string Coding<double>::parse(std::string_view text, double& out) {
  double parsed = 0;
  if (!parse_number(text, parsed) || parsed - parsed != 0) return "must be a number";
  out = parsed;
  return {};
}

void Coding<double>::describe(Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"number"})");
}

void Coding<std::string>::read(Value value, std::string& out, Reader& reader) {
  if (value.kind() != Kind::string) return reader.fault("must be a string");
  out = value.text();
}

void Coding<std::string>::write(const std::string& value, std::string& out) {
  append_quoted(value, out);
}

std::string Coding<std::string>::parse(std::string_view text, std::string& out) {
  out = text;
  return {};
}

void Coding<std::string>::describe(Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"string"})");
}

void Coding<Uuid>::read(Value value, Uuid& out, Reader& reader) {
  const std::string fault =
      parse(value.kind() == Kind::string ? value.text() : std::string_view{}, out);
  if (!fault.empty()) reader.fault(fault);
}

void Coding<Uuid>::write(const Uuid& value, std::string& out) {
  out.push_back('"');
  value.append_to(out);
  out.push_back('"');
}

std::string Coding<Uuid>::parse(std::string_view text, Uuid& out) {
  const std::optional<Uuid> id = Uuid::parse(text);
  if (!id) return "must be a UUID";
  out = *id;
  return {};
}

void Coding<Uuid>::describe(Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"string","format":"uuid"})");
}

void Coding<Timestamp>::read(Value value, Timestamp& out, Reader& reader) {
  const std::string fault =
      parse(value.kind() == Kind::string ? value.text() : std::string_view{}, out);
  if (!fault.empty()) reader.fault(fault);
}

void Coding<Timestamp>::write(const Timestamp& value, std::string& out) {
  out.push_back('"');
  append_text_of(value, out);
  out.push_back('"');
}

std::string Coding<Timestamp>::parse(std::string_view text, Timestamp& out) {
  const std::optional<Timestamp> time = parse_timestamp(text);
  if (!time) return "must be an RFC 3339 time";
  out = *time;
  return {};
}

void Coding<Timestamp>::describe(Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"string","format":"date-time"})");
}

void Coding<Raw>::read(Value value, Raw& out, Reader&) {
  out.text.clear();
  value.append_to(out.text);
}

std::string enum_fault(std::span<const Enumerator> known) {
  std::string fault = "must be one of";
  for (const Enumerator& enumerator : known) {
    fault.append(&enumerator == known.data() ? " " : ", ").append(enumerator.name);
  }
  return fault;
}

void define_enum(const void* enumerators, Schemas&, Direction, std::string& out) {
  out.append(R"({"type":"string","enum":[)");
  for (const Enumerator& enumerator :
       *static_cast<const std::span<const Enumerator>*>(enumerators)) {
    if (out.back() != '[') out.push_back(',');
    append_quoted(enumerator.name, out);
  }
  out.append("]}");
}

}  // namespace wildnout::json
