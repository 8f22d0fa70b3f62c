// Applying migrations under a lock, and refusing what they do not fit.
#include "platform/db/migrations.hpp"

#include <charconv>
#include <map>

#include "platform/crypto/digest.hpp"
#include "platform/db/plain.hpp"
#include "platform/log/log.hpp"

namespace wildnout::db {
namespace {

// Any number will do, if only all nodes have the same: "wildnout" in ASCII.
constexpr const char* lock_sql = "SELECT pg_advisory_lock(8604527741673370996)";

constexpr const char* table_sql = R"sql(
  CREATE SCHEMA IF NOT EXISTS wildnout;
  CREATE TABLE IF NOT EXISTS wildnout.schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  ))sql";

struct Applied {
  std::string name;
  std::string checksum;
  Timestamp applied_at;
};

std::string title(int version, std::string_view name) {
  std::string number = std::to_string(version);
  if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
  return number + "_" + std::string{name};
}

std::map<int, Applied> read_applied(PlainConnection& server) {
  const auto there = server.ask("SELECT to_regclass('wildnout.schema_migrations')");
  if (there.at(0).at(0).empty()) return {};
  std::map<int, Applied> applied;
  const auto rows = server.ask(
      "SELECT version, name, checksum,"
      " to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
      " FROM wildnout.schema_migrations ORDER BY version");
  for (const std::vector<std::string>& row : rows) {
    int version = 0;
    std::from_chars(row[0].data(), row[0].data() + row[0].size(), version);
    applied[version] = {row[1], row[2], parse_timestamp(row[3]).value_or(Timestamp{})};
  }
  return applied;
}

const Migration* find(std::span<const Migration> migrations, int version) {
  for (const Migration& migration : migrations) {
    if (migration.version == version) return &migration;
  }
  return nullptr;
}

void check_history(std::span<const Migration> migrations, const std::map<int, Applied>& applied) {
  const int newest = migrations.empty() ? 0 : migrations.back().version;
  for (const auto& [version, row] : applied) {
    const Migration* known = find(migrations, version);
    if (known == nullptr && version > newest) {
      throw MigrationRefused{"the database schema is newer than this program: it has migration " +
                             title(version, row.name) + ", and this program knows up to " +
                             std::to_string(newest) + "; run a newer release"};
    }
    if (known == nullptr) {
      throw MigrationRefused{"the database has migration " + title(version, row.name) +
                             ", which this program does not know"};
    }
    if (checksum_of(*known) != row.checksum) {
      throw MigrationRefused{"migration " + title(version, row.name) +
                             " was changed after it had been applied; put the file back as it was "
                             "and write a new migration"};
    }
  }
  const int last = applied.empty() ? 0 : applied.rbegin()->first;
  for (const Migration& migration : migrations) {
    if (migration.version < last && !applied.contains(migration.version)) {
      throw MigrationRefused{"migration " + title(migration.version, migration.name) +
                             " came after the database had already got " + std::to_string(last) +
                             "; give it a number of its own at the end"};
    }
  }
}

void apply_one(PlainConnection& server, const Migration& migration) {
  server.run("BEGIN");
  try {
    server.run(std::string{migration.sql});
    server.ask(
        "INSERT INTO wildnout.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
        {std::to_string(migration.version), std::string{migration.name}, checksum_of(migration)});
    server.run("COMMIT");
  } catch (const Error& error) {
    // The connection ends with the exception, and with it the transaction.
    throw Error{error.sqlstate(), error.constraint(),
                "migration " + title(migration.version, migration.name) + ": " + error.what()};
  }
}

}  // namespace

std::string checksum_of(const Migration& migration) {
  return crypto::hex(crypto::sha256(migration.sql));
}

std::string checksum_of(std::span<const Migration> migrations) {
  std::string all;
  for (const Migration& migration : migrations) {
    all += title(migration.version, migration.name) + ' ' + checksum_of(migration) + '\n';
  }
  return crypto::hex(crypto::sha256(all));
}

int apply_migrations(const std::string& url, std::span<const Migration> migrations) {
  PlainConnection server{url};
  server.run("SET statement_timeout = 0");
  server.run(lock_sql);  // until the connection ends
  server.run(table_sql);
  server.run("SET search_path = wildnout");
  const std::map<int, Applied> applied = read_applied(server);
  check_history(migrations, applied);
  int count = 0;
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    apply_one(server, migration);
    log::info("migration applied", {{"migration", title(migration.version, migration.name)}});
    ++count;
  }
  return count;
}

std::vector<MigrationState> migration_states(const std::string& url,
                                             std::span<const Migration> migrations) {
  PlainConnection server{url};
  const std::map<int, Applied> applied = read_applied(server);
  check_history(migrations, applied);
  std::vector<MigrationState> states;
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.version);
    MigrationState state{migration.version, std::string{migration.name}, std::nullopt};
    if (found != applied.end()) state.applied_at = found->second.applied_at;
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace wildnout::db
