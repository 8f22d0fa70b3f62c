// Values that carry their own limits: holding one is proof that it was checked.
//
// Each has a plain type behind it (`Raw`), which is what the database stores:
//   raw()              the plain value
//   accept(Raw)        takes a plain value; an empty text, or what is wrong with it ("must be …"),
//                      and then the object is as before
//   of(Raw)            makes one from a value that the code knows to be right; throws
//                      std::invalid_argument when it is not
// A default-made one is empty or the lowest value: a place for the codecs to fill.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wildnout {

template <class T>
concept Constrained = requires(T value, const T& fixed, typename T::Raw raw) {
  { fixed.raw() } -> std::convertible_to<const typename T::Raw&>;
  { value.accept(std::move(raw)) } -> std::same_as<std::string>;
};

// Ready checks behind the templates below; each gives what is wrong, or an empty text.
namespace checks {

// Brings `text` to NFC, then counts code points. Refuses invalid UTF-8 and control characters
// (C0 without \n and \t, DEL, C1).
[[nodiscard]] std::string text(std::string& text, std::size_t min, std::size_t max);
[[nodiscard]] std::string slug(std::string_view text);
[[nodiscard]] std::string url(std::string_view text);
[[nodiscard]] std::string number(std::int64_t value, std::int64_t min, std::int64_t max);
[[nodiscard]] std::string count(std::size_t items, std::size_t min, std::size_t max);

}  // namespace checks

inline constexpr std::size_t max_slug_characters = 64;
inline constexpr std::size_t max_url_bytes = 2048;

// What the types below share; `Self` says how a value is checked (and brought to normal form).
template <class Self, class RawType>
class Checked {
 public:
  using Raw = RawType;

  [[nodiscard]] const Raw& raw() const { return raw_; }

  [[nodiscard]] std::string accept(Raw raw) {
    std::string fault = Self::check(raw);
    if (fault.empty()) raw_ = std::move(raw);
    return fault;
  }

  [[nodiscard]] static Self of(Raw raw) {
    Self made;
    const std::string fault = made.accept(std::move(raw));
    if (!fault.empty()) throw std::invalid_argument{"the value " + fault};
    return made;
  }

  friend bool operator==(const Checked&, const Checked&) = default;

 protected:
  Raw raw_{};
};

// Text of Min to Max Unicode code points in NFC. Nothing is stripped from it.
template <std::size_t Min, std::size_t Max>
class Text : public Checked<Text<Min, Max>, std::string> {
 public:
  static constexpr std::size_t min = Min;
  static constexpr std::size_t max = Max;

  [[nodiscard]] static std::string check(std::string& text) { return checks::text(text, Min, Max); }
  operator const std::string&() const { return this->raw(); }  // NOLINT: reads as its text
  operator std::string_view() const { return this->raw(); }    // NOLINT
};

// A whole number from Min to Max. 32 bits wide unless the limits are written as 64-bit ones.
template <auto Min, auto Max>
  requires std::integral<decltype(Min)> && std::integral<decltype(Max)> && (Min <= Max)
class Number
    : public Checked<Number<Min, Max>, std::conditional_t<(sizeof(Min) > 4 || sizeof(Max) > 4),
                                                          std::int64_t, std::int32_t>> {
 public:
  static constexpr std::int64_t min = Min;
  static constexpr std::int64_t max = Max;

  Number() { this->raw_ = Min; }

  using Raw = std::conditional_t<(sizeof(Min) > 4 || sizeof(Max) > 4), std::int64_t, std::int32_t>;

  [[nodiscard]] static std::string check(Raw value) { return checks::number(value, Min, Max); }
  operator Raw() const { return this->raw(); }  // NOLINT: reads as its number
};

// Min to Max elements.
template <class T, std::size_t Max, std::size_t Min = 0>
class List : public Checked<List<T, Max, Min>, std::vector<T>> {
 public:
  using Element = T;
  static constexpr std::size_t min = Min;
  static constexpr std::size_t max = Max;

  [[nodiscard]] static std::string check(const std::vector<T>& items) {
    return checks::count(items.size(), Min, Max);
  }
  [[nodiscard]] auto begin() const { return this->raw().begin(); }
  [[nodiscard]] auto end() const { return this->raw().end(); }
  [[nodiscard]] std::size_t size() const { return this->raw().size(); }
  [[nodiscard]] bool empty() const { return this->raw().empty(); }
  [[nodiscard]] const T& operator[](std::size_t index) const { return this->raw()[index]; }
  operator const std::vector<T>&() const { return this->raw(); }  // NOLINT: reads as its items
};

// Lower case letters, digits and single hyphens between them, at most 64.
class Slug : public Checked<Slug, std::string> {
 public:
  [[nodiscard]] static std::string check(const std::string& text) { return checks::slug(text); }
  operator const std::string&() const { return raw(); }  // NOLINT
};

// An absolute http or https address (RFC 3986) with a host and no user name, at most 2048 bytes.
class Url : public Checked<Url, std::string> {
 public:
  [[nodiscard]] static std::string check(const std::string& text) { return checks::url(text); }
  operator const std::string&() const { return raw(); }  // NOLINT
};

// A value that must not be seen: it has no printed or encoded form. Read it with reveal() where it
// is used.
template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_{std::move(value)} {}
  [[nodiscard]] const T& reveal() const { return value_; }

 private:
  T value_{};
};

// A member that is left out of the JSON when it is empty; null is refused where it is read. In a
// merge patch: what cannot be removed, only changed.
template <class T>
class Omittable : public std::optional<T> {
 public:
  using std::optional<T>::optional;
};

// A member of a merge patch (RFC 7396): left alone, removed (null), or set.
template <class T>
class Patch {
 public:
  Patch() = default;
  explicit Patch(std::optional<T> value) : is_present_{true}, value_{std::move(value)} {}

  [[nodiscard]] bool is_present() const { return is_present_; }
  [[nodiscard]] bool is_removal() const { return is_present_ && !value_; }
  // Empty when left alone and when removed.
  [[nodiscard]] const std::optional<T>& value() const { return value_; }
  void apply_to(std::optional<T>& target) const {
    if (is_present_) target = value_;
  }

  friend bool operator==(const Patch&, const Patch&) = default;

 private:
  bool is_present_ = false;
  std::optional<T> value_;
};

}  // namespace wildnout
