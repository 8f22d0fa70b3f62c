// A command as Redis reads it, and scripts that Redis runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wildnout::redis {

class Command {
 public:
  explicit Command(std::string_view name) { add(name); }

  // Any bytes.
  Command& add(std::string_view argument);
  Command& add(std::int64_t argument);

  void append_to(std::string& out) const;

 private:
  std::string arguments_;
  unsigned count_ = 0;
};

// Lua that Redis runs as one atomic step. Redis keeps it by its SHA-1.
class Script {
 public:
  explicit Script(std::string_view source);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::string& hash() const { return hash_; }

 private:
  std::string source_;
  std::string hash_;
};

// A call of a script, which outlives it.
class ScriptCall {
 public:
  ScriptCall(const Script& script, unsigned keys);

  // First the keys, then whatever else the script reads.
  ScriptCall& add(std::string_view argument);
  ScriptCall& add(std::int64_t argument);

  // By its hash alone, or with its source where Redis does not know the hash.
  void append_hashed(std::string& out) const { append("EVALSHA", script_->hash(), out); }
  void append_whole(std::string& out) const { append("EVAL", script_->source(), out); }

 private:
  void append(std::string_view name, std::string_view script, std::string& out) const;

  const Script* script_;
  std::string arguments_;
  unsigned count_ = 0;
};

}  // namespace wildnout::redis
