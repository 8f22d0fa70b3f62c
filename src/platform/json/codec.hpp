// How one type is read, written and described, with its C++ type erased: the compiled core that
// makes a struct cost a table instead of code.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/json/document.hpp"

namespace wildnout::json {

inline constexpr std::size_t max_faults = 100;  // reported of one text
inline constexpr std::size_t max_struct_members = 64;

// One thing wrong with a text: an RFC 6901 pointer to it, and words for its sender.
struct Fault {
  std::string path;
  std::string message;

  friend bool operator==(const Fault&, const Fault&) = default;
};

// Well-formed JSON that is not what was asked for; with every fault at once.
class Invalid : public std::runtime_error {
 public:
  explicit Invalid(std::vector<Fault> faults);
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
};

// Where reading stands in a text, and what has been found wrong so far.
class Reader {
 public:
  // Something is wrong with the value at hand.
  void fault(std::string_view message);
  [[nodiscard]] std::size_t fault_count() const { return count_; }
  [[nodiscard]] std::vector<Fault> take_faults() { return std::move(faults_); }

  // Goes into a member or element for the life of the Step.
  class Step {
   public:
    Step(Reader& reader, std::string_view name) : Step{reader, Segment{name, 0}} {}
    Step(Reader& reader, std::size_t index) : Step{reader, Segment{{}, index}} {}
    ~Step() { --reader_.depth_; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    struct Segment;
    friend class Reader;
    struct Segment {
      std::string_view name;  // without a place in memory: an element, by index
      std::size_t index;
    };
    Step(Reader& reader, Segment segment) : reader_{reader} {
      if (reader.depth_ < max_depth) reader.segments_[reader.depth_] = segment;
      ++reader.depth_;
    }
    Reader& reader_;
  };

 private:
  [[nodiscard]] std::string path() const;

  Step::Segment segments_[max_depth] = {};
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
  std::vector<Fault> faults_;
};

class Schemas;
struct Shape;

// Texts that come in are described by what is taken, those that go out by what is promised.
enum class Direction : std::uint8_t { in, out };

// A null function: the type has no such form.
struct Codec {
  void (*read)(Value value, void* out, Reader& reader) = nullptr;
  void (*write)(const void* value, std::string& out) = nullptr;
  // From a path segment or query parameter; gives the fault, or an empty text.
  std::string (*parse)(std::string_view text, void* out) = nullptr;
  // Appends the JSON Schema of the type.
  void (*describe)(Schemas& schemas, Direction direction, std::string& out) = nullptr;
  const Codec* inner = nullptr;  // of std::optional: the type that it may hold
  bool is_demanded = false;      // as a query parameter: there is no default for it
  bool may_be_absent = false;    // in what is read
  bool (*is_left_out)(const void* value) = nullptr;  // of what is written
  const Shape* shape = nullptr;                      // of described structs
};

struct Member {
  std::string_view name;    // as in JSON
  std::string_view prefix;  // ,"name":
  const Codec* codec;
  void* (*in)(void* object);  // the member's place in its object
};

struct Shape {
  std::string_view type_name;  // "wildnout::battles::Battle"
  std::span<const Member> members;

  [[nodiscard]] const Member* find(std::string_view name) const;
};

void read_struct(Value value, void* out, const Shape& shape, Reader& reader);
void write_struct(const void* value, std::string& out, const Shape& shape);

// Reads a whole text. Throws Malformed or Invalid.
void read_text(std::string_view text, void* out, const Codec& codec);
void read_value(Value value, void* out, const Codec& codec);

}  // namespace wildnout::json
