// Naming of definitions, and the schema of a struct from its table of members.
#include "platform/json/schemas.hpp"

#include <stdexcept>

#include "platform/json/text.hpp"

namespace wildnout::json {
namespace {

// "Battle" of "wildnout::battles::Battle"; what no name may have becomes '_'.
std::string short_name(std::string_view type_name) {
  std::size_t end = type_name.find('<');
  const std::size_t colons = type_name.substr(0, end).rfind("::");
  std::string name{colons == std::string_view::npos ? type_name : type_name.substr(colons + 2)};
  for (char& c : name) {
    const bool is_word =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!is_word) c = '_';
  }
  return name;
}

// "BattlesBattle" of the same.
std::string qualified_name(std::string_view type_name) {
  const std::size_t last = type_name.substr(0, type_name.find('<')).rfind("::");
  if (last == std::string_view::npos) return short_name(type_name);
  std::string space = short_name(type_name.substr(0, last));
  if (!space.empty() && space[0] >= 'a' && space[0] <= 'z') {
    space[0] = static_cast<char>(space[0] - 'a' + 'A');
  }
  return space + short_name(type_name);
}

void define_struct(const void* subject, Schemas& schemas, Direction direction, std::string& out) {
  const Shape& shape = *static_cast<const Shape*>(subject);
  out.append(R"({"type":"object","properties":{)");
  std::string required;
  for (const Member& member : shape.members) {
    if (out.back() != '{') out.push_back(',');
    append_quoted(member.name, out);
    out.push_back(':');
    member.codec->describe(schemas, direction, out);
    const bool is_required = direction == Direction::in ? !member.codec->may_be_absent
                                                        : member.codec->is_left_out == nullptr;
    if (!is_required) continue;
    if (!required.empty()) required.push_back(',');
    append_quoted(member.name, required);
  }
  out.push_back('}');
  if (!required.empty()) out.append(R"(,"required":[)").append(required).append("]");
  // What comes in with an unknown field is refused; what goes out may gain fields later.
  if (direction == Direction::in) out.append(R"(,"additionalProperties":false)");
  out.push_back('}');
}

}  // namespace

void Schemas::note(const Codec& codec, Direction direction) {
  std::string ignored;
  codec.describe(*this, direction, ignored);
}

void Schemas::append(const Codec& codec, Direction direction, std::string& out) {
  const std::size_t before = definitions_.size();
  codec.describe(*this, direction, out);
  if (definitions_.size() != before) throw std::logic_error{"a schema was used but not noted"};
}

void Schemas::append_reference(std::string_view type_name, Direction direction, const void* subject,
                               Define define, std::string& out) {
  const Key key{type_name, direction};
  if (definitions_.try_emplace(key, Definition{subject, define}).second) {
    std::string ignored;
    define(subject, *this, direction, ignored);
  }
  out.append(R"({"$ref":")").append(prefix_).append(name_of(key)).append(R"("})");
}

std::string Schemas::name_of(const Key& key) const {
  const std::string base = short_name(key.first);
  bool is_ambiguous = false;
  bool is_given_too = false;
  for (const auto& [other, definition] : definitions_) {
    if (other.first == key.first) {
      is_given_too = is_given_too || other.second == Direction::out;
    } else if (short_name(other.first) == base) {
      is_ambiguous = true;
    }
  }
  std::string name = is_ambiguous ? qualified_name(key.first) : base;
  if (key.second == Direction::in && is_given_too) name.append("Input");
  return name;
}

void Schemas::append_definitions(std::string& out) {
  std::map<std::string, std::string> sorted;
  for (const auto& [key, definition] : definitions_) {
    std::string& text = sorted[name_of(key)];
    if (!text.empty()) throw std::logic_error{"two types are named " + name_of(key)};
    definition.define(definition.subject, *this, key.second, text);
  }
  out.push_back('{');
  for (const auto& [name, text] : sorted) {
    if (out.back() != '{') out.push_back(',');
    append_quoted(name, out);
    out.append(":").append(text);
  }
  out.push_back('}');
}

void append_struct_schema(const Shape& shape, Schemas& schemas, Direction direction,
                          std::string& out) {
  schemas.append_reference(shape.type_name, direction, &shape, define_struct, out);
}

void append_enum_schema(std::string_view type_name, const void* subject, Schemas::Define define,
                        Schemas& schemas, std::string& out) {
  // The same in both directions.
  schemas.append_reference(type_name, Direction::out, subject, define, out);
}

std::string schema_document(const Codec& codec, Direction direction) {
  Schemas schemas{"#/$defs/"};
  schemas.note(codec, direction);
  std::string root;
  schemas.append(codec, direction, root);
  std::string out = R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)";
  out.append(root, 1, root.size() - 2).append(R"(,"$defs":)");
  schemas.append_definitions(out);
  out.push_back('}');
  return out;
}

}  // namespace wildnout::json
