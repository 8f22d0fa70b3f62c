// Making databases from a template, and dropping them.
#include "support/database.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "platform/db/migrations.hpp"
#include "platform/db/plain.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::testing {
namespace {

// Any number, the same in all test programs.
constexpr const char* lock_sql = "SELECT pg_advisory_lock(7310027)";
constexpr const char* unlock_sql = "SELECT pg_advisory_unlock(7310027)";

std::string server_url() {
  const char* url = std::getenv("WILDNOUT_TEST_DATABASE_URL");
  if (url == nullptr || *url == '\0') {
    throw std::runtime_error{"WILDNOUT_TEST_DATABASE_URL names no PostgreSQL server; ./test does"};
  }
  return url;
}

std::string unique_name(const std::string& prefix) {
  std::string name = prefix + Uuid::make().text();
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

// It gets its name when it is complete: a program killed on the way leaves no half template.
std::string make_template(db::PlainConnection& server) {
  constexpr std::size_t digits = 16;
  const std::string name =
      "wildnout_template_" + db::checksum_of(db::known_migrations()).substr(0, digits);
  server.run(lock_sql);
  const std::string find = "SELECT 1 FROM pg_database WHERE datname = $1";
  if (server.ask(find, {name}).empty()) {
    const std::string draft = unique_name("wildnout_draft_");
    server.run("CREATE DATABASE " + draft);
    db::apply_migrations(db::with_database(server_url(), draft));
    server.run("ALTER DATABASE " + draft + " RENAME TO " + name);
  }
  server.run(unlock_sql);
  return name;
}

}  // namespace

Database::Database(Content content) : name_{unique_name("wildnout_test_")} {
  db::PlainConnection server{server_url()};
  const std::string origin = content == Content::migrated ? make_template(server) : "template0";
  server.run("CREATE DATABASE " + name_ + " TEMPLATE " + origin);
  url_ = db::with_database(server_url(), name_);
}

Database::~Database() {
  try {
    db::PlainConnection{server_url()}.run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "test database %s stays behind: %s\n", name_.c_str(), fault.what());
  }
}

const std::string& database_url() {
  static const Database database;
  return database.url();
}

}  // namespace wildnout::testing
