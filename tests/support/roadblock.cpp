// Taking the lock, looking who waits for it, and giving it back.
#include "support/roadblock.hpp"

namespace wildnout::testing {

Roadblock::Roadblock(const std::string& url) : server_{url} {
  server_.ask("SELECT pg_advisory_lock($1)", {std::to_string(key)});
}

int Roadblock::count_waiting() {
  static const std::string sql =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
      " AND objid = $1::oid AND database = (SELECT oid FROM pg_database WHERE datname = "
      "current_database())";
  return std::stoi(server_.ask(sql, {std::to_string(key)}).at(0).at(0));
}

void Roadblock::lift() { server_.ask("SELECT pg_advisory_unlock($1)", {std::to_string(key)}); }

}  // namespace wildnout::testing
