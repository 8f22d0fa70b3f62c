// The schema's history: numbered SQL files, applied forward only, each once.
#pragma once

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "platform/values/time.hpp"

namespace wildnout::db {

// migrations/NNNN_name.sql. The SQL runs in one transaction with search_path = wildnout, so names
// in it are bare, and statements that refuse a transaction block are not for it.
struct Migration {
  int version;
  std::string_view name;
  std::string_view sql;
};

// Those in the binary, by version.
[[nodiscard]] std::span<const Migration> known_migrations();

// SHA-256 in hexadecimal of one file; of all files with their names.
[[nodiscard]] std::string checksum_of(const Migration& migration);
[[nodiscard]] std::string checksum_of(std::span<const Migration> migrations);

// The database is not in a state that these migrations can bring forward: a file was changed after
// it was applied, the schema is newer than this program, a number was filled in later.
class MigrationRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct MigrationState {
  int version;
  std::string name;
  std::optional<Timestamp> applied_at;
};

// Brings the schema `wildnout`, made when missing, up to date; returns how many files it applied.
// Blocks, on a connection of its own, under a lock: of many nodes that start together one does the
// work and the others find it done. `url` must lead to the server itself, not to a pooler in
// transaction mode. A file that fails leaves nothing behind; those before it stay.
// Throws MigrationRefused, or Error.
int apply_migrations(const std::string& url,
                     std::span<const Migration> migrations = known_migrations());

// What is applied and what is to come. Changes nothing. Throws as above.
[[nodiscard]] std::vector<MigrationState> migration_states(
    const std::string& url, std::span<const Migration> migrations = known_migrations());

}  // namespace wildnout::db
