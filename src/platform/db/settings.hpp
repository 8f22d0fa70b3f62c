// How a database is reached and what it may be asked at once.
#pragma once

#include <chrono>
#include <string>

namespace wildnout::db {

struct Settings {
  std::string url;  // libpq URI or keyword string
  // DATABASE_POOLER=transaction: unnamed statements only, and nothing set when connecting, because
  // such a pooler refuses it. The role or database must then carry the settings itself:
  // ALTER ROLE … SET search_path = wildnout, SET statement_timeout = '10s', SET jit = off.
  bool transaction_pooler = false;
  std::string search_path = "wildnout";
  std::string role;  // taken on by SET ROLE when connecting; empty: the one that logs in
  std::string application_name = "wildnout";
  unsigned leases = 4;             // connections for transactions, a shard
  unsigned queue_limit = 1024;     // tasks waiting for a lease, then Unavailable
  unsigned pipeline_limit = 4096;  // statements sent or waiting on one connection, then Unavailable
  std::chrono::milliseconds lease_wait{5000};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds statement_timeout{10000};
  std::chrono::milliseconds idle_in_transaction_timeout{30000};
};

}  // namespace wildnout::db
