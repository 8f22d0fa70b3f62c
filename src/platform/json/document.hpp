// A JSON text parsed strictly into one flat list of nodes, and views into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wildnout::json {

inline constexpr std::size_t max_depth = 32;  // objects and arrays within each other

// The text is no JSON that we take; what() says why, in words for the sender.
class Malformed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `integer`: written without fraction and exponent, and within 64 bits signed.
enum class Kind : std::uint8_t { null, boolean, integer, real, string, array, object };

class Document;

// One value of a Document, which must outlive it. Ask for what kind() says it is.
class Value {
 public:
  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is_null() const { return kind() == Kind::null; }
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double real() const;  // of integers too
  [[nodiscard]] std::string_view text() const;

  // Of an array or object: its elements, in order.
  class Iterator;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;
  [[nodiscard]] std::size_t size() const;

  // Of an object's element: its name.
  [[nodiscard]] std::string_view key() const;
  // Of an object: the member of that name; a false value when there is none.
  [[nodiscard]] Value find(std::string_view name) const;
  explicit operator bool() const { return document_ != nullptr; }

  // Writes the value as JSON again.
  void append_to(std::string& out) const;

 private:
  friend class Document;
  Value() = default;
  Value(const Document* document, std::uint32_t node) : document_{document}, node_{node} {}

  const Document* document_ = nullptr;
  std::uint32_t node_ = 0;
};

// Refuses, with Malformed: text behind the value, invalid UTF-8, lone surrogates, U+0000, duplicate
// names in an object, more than max_depth levels, numbers that no double can hold.
class Document {
 public:
  explicit Document(std::string_view text);

  [[nodiscard]] Value root() const { return {this, 0}; }

 private:
  friend class Value;
  friend class Builder;

  // Texts are ranges of strings_. An array's or object's elements follow it; `end` is the node
  // behind its last one, so that elements are skipped as wholes.
  struct Node {
    Kind kind = Kind::null;
    std::uint32_t end = 0;
    std::uint32_t size = 0;
    std::uint32_t key_at = 0;
    std::uint32_t key_size = 0;
    std::uint32_t text_at = 0;
    std::uint32_t text_size = 0;
    union {
      bool boolean;
      std::int64_t integer;
      double real;
    } scalar{.integer = 0};
  };

  [[nodiscard]] std::string_view range(std::uint32_t at, std::uint32_t size) const {
    return std::string_view{strings_}.substr(at, size);
  }

  std::vector<Node> nodes_;
  std::string strings_;
};

class Value::Iterator {
 public:
  Iterator(const Document* document, std::uint32_t node) : document_{document}, node_{node} {}
  Value operator*() const { return {document_, node_}; }
  Iterator& operator++();
  bool operator==(const Iterator& other) const { return node_ == other.node_; }

 private:
  const Document* document_;
  std::uint32_t node_;
};

}  // namespace wildnout::json
