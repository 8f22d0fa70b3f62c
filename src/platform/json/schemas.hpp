// The JSON Schemas (2020-12) of a set of types, with structs and enums as named definitions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "platform/json/codec.hpp"

namespace wildnout::json {

// Two passes: first note every use, so that names are settled, then append what is wanted. Types of
// one name in several namespaces get the innermost namespace before it; one that is both taken and
// given is named `XInput` where it is taken.
class Schemas {
 public:
  // `prefix`: where definitions will stand, "#/$defs/" or "#/components/schemas/".
  explicit Schemas(std::string prefix) : prefix_{std::move(prefix)} {}

  void note(const Codec& codec, Direction direction);
  // The schema of a noted use; structs and enums are references.
  void append(const Codec& codec, Direction direction, std::string& out);
  // {"Name":{…},…} of everything noted.
  void append_definitions(std::string& out);

  // For the codecs: a reference to a type with a name, and how its definition is written.
  using Define = void (*)(const void* subject, Schemas& schemas, Direction direction,
                          std::string& out);
  void append_reference(std::string_view type_name, Direction direction, const void* subject,
                        Define define, std::string& out);

 private:
  struct Definition {
    const void* subject;
    Define define;
  };
  using Key = std::pair<std::string_view, Direction>;

  [[nodiscard]] std::string name_of(const Key& key) const;

  std::string prefix_;
  std::map<Key, Definition> definitions_;
};

void append_struct_schema(const Shape& shape, Schemas& schemas, Direction direction,
                          std::string& out);
void append_enum_schema(std::string_view type_name, const void* subject, Schemas::Define define,
                        Schemas& schemas, std::string& out);

// A whole document: the schema of one type with its definitions under $defs.
[[nodiscard]] std::string schema_document(const Codec& codec, Direction direction);

}  // namespace wildnout::json
