// Structured logs: one JSON object a line for machines, or a readable line on a terminal.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace wildnout::log {

enum class Level { debug, info, warn, error };
enum class Format { json, text };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name{n}, value{v} {}
  Field(std::string_view n, const char* v) : name{n}, value{std::string_view{v}} {}
  Field(std::string_view n, const std::string& v) : name{n}, value{std::string_view{v}} {}
  Field(std::string_view n, bool v) : name{n}, value{v} {}
  Field(std::string_view n, double v) : name{n}, value{v} {}
  template <std::integral Number>
  Field(std::string_view n, Number v) : name{n}, value{static_cast<std::int64_t>(v)} {}
};

using Fields = std::initializer_list<Field>;

// Call once, before the first line. Lines go to standard error.
void configure(Level level, Format format);
[[nodiscard]] bool is_on(Level level);

// Never give a token, a secret or a message body as a field.
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
  if (is_on(Level::debug)) write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  write(Level::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) {
  write(Level::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  write(Level::error, message, fields);
}

}  // namespace wildnout::log
