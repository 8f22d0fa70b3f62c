// Writing RESP.
#include "platform/redis/command.hpp"

#include <charconv>

#include "platform/crypto/digest.hpp"

namespace wildnout::redis {
namespace {

constexpr std::size_t most_digits = 20;

class Digits {
 public:
  template <class Number>
  explicit Digits(Number number)
      : end_{std::to_chars(std::begin(text_), std::end(text_), number).ptr} {}
  [[nodiscard]] std::string_view text() const {
    return {text_, static_cast<std::size_t>(end_ - text_)};
  }

 private:
  char text_[most_digits];
  const char* end_;
};

void append_argument(std::string& out, std::string_view argument) {
  out.push_back('$');
  out.append(Digits{argument.size()}.text()).append("\r\n");
  out.append(argument).append("\r\n");
}

void append_count(std::string& out, unsigned count) {
  out.push_back('*');
  out.append(Digits{count}.text()).append("\r\n");
}

}  // namespace

Command& Command::add(std::string_view argument) {
  append_argument(arguments_, argument);
  ++count_;
  return *this;
}

Command& Command::add(std::int64_t argument) { return add(Digits{argument}.text()); }

void Command::append_to(std::string& out) const {
  append_count(out, count_);
  out.append(arguments_);
}

Script::Script(std::string_view source) : source_{source} {
  constexpr char digits[] = "0123456789abcdef";
  for (const std::uint8_t byte : crypto::sha1(source)) {
    hash_.push_back(digits[byte >> 4]);
    hash_.push_back(digits[byte & 15]);
  }
}

ScriptCall::ScriptCall(const Script& script, unsigned keys) : script_{&script} {
  add(static_cast<std::int64_t>(keys));
}

ScriptCall& ScriptCall::add(std::string_view argument) {
  append_argument(arguments_, argument);
  ++count_;
  return *this;
}

ScriptCall& ScriptCall::add(std::int64_t argument) { return add(Digits{argument}.text()); }

void ScriptCall::append(std::string_view name, std::string_view script, std::string& out) const {
  append_count(out, count_ + 2);
  append_argument(out, name);
  append_argument(out, script);
  out.append(arguments_);
}

}  // namespace wildnout::redis
