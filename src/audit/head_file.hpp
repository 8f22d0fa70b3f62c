// The newest seal, kept in a file beside the database: what ends there cannot be cut off unseen.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "audit/rules.hpp"

namespace wildnout::audit {

// One line, "number hash-in-hex", replaced whole.
class HeadFile {
 public:
  HeadFile(const std::filesystem::path& folder, const std::string& database)
      : path_{folder / ("audit-head-" + database)} {}

  // Nothing when there is none. Throws std::runtime_error when it is there and is no head.
  [[nodiscard]] std::optional<Head> read() const;
  // Throws std::system_error.
  void write(const Head& head) const;

 private:
  std::filesystem::path path_;
};

}  // namespace wildnout::audit
