// Rewriting sealed values under the newest key, a few at a time, while everything runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/async/signal.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::protection {

// Values of `key` in rows behind `after` (empty: from the first), at most `limit`.
struct Step {
  std::string key;
  std::string after;
  std::int32_t limit;
};

struct Batch {
  std::int64_t rewritten = 0;
  std::int64_t passed_over = 0;       // could not be opened; they stay as they are
  std::optional<std::string> last{};  // the row to go on behind; none: there was no further row
};

// A protected column, by the statements of the module that owns it.
struct Column {
  std::string name;  // "users.email"
  // The ids of the keys that its values are under, without reading them all.
  Task<std::vector<std::string>> (*keys)(db::Session&);
  Task<std::int64_t> (*count)(db::Session&, std::string key);
  // In a transaction: locks rows before it rewrites them, and passes over those that somebody else
  // holds, so that it neither waits nor undoes another's change.
  Task<Batch> (*rewrite)(db::Session&, const crypto::Vault&, Step);
  // Whether the first of that key's values opens: a key may have the name and other bytes. None:
  // it is not tried.
  Task<bool> (*opens)(db::Session&, const crypto::Vault&, std::string key) = nullptr;
};

// One for the process, where the jobs are. Each batch is a job that leaves the next one in its own
// transaction: a node that dies takes nothing with it, and two nodes never do one batch twice. What
// a pass could not have (rows locked, or written meanwhile by a node that has yet to be given the
// new key) the next one takes.
class Rotation {
 public:
  static constexpr std::chrono::seconds look_every{30};
  static constexpr std::int32_t rows_a_batch = 200;

  Rotation(db::Database& database, const crypto::Vault& vault, std::vector<Column> columns)
      : database_{database}, vault_{vault}, columns_{std::move(columns)} {}

  // Before the runner runs.
  void register_jobs(jobs::Runner& runner);

  // Declares this process's newest key to be the one in force, then looks for values of older keys
  // now and again until `stop`.
  [[nodiscard]] Task<> run();
  void stop();

  // Leaves the first job when there is something to do and nobody is at it.
  [[nodiscard]] Task<> look();

 private:
  [[nodiscard]] Task<> declare();
  [[nodiscard]] Task<std::int64_t> count_outdated(db::Session& db);
  [[nodiscard]] Task<> perform(db::Session& db, jobs::Job job);

  db::Database& database_;
  const crypto::Vault& vault_;
  std::vector<Column> columns_;
  async::Signal signal_;
  bool is_declared_ = false;
  bool is_stopping_ = false;
};

// How many values each key has in a column, and whether they can be read.
struct KeyUse {
  std::string column;
  std::string key;
  std::int64_t values;
  bool is_open;
};
[[nodiscard]] Task<std::vector<KeyUse>> uses_of_keys(db::Session& db, const crypto::Vault& vault,
                                                     std::vector<Column> columns);

}  // namespace wildnout::protection
