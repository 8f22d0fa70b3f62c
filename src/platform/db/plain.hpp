// A blocking connection for work beside the product's own: migrations, and databases for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/db/session.hpp"

struct pg_conn;  // libpq

namespace wildnout::db {

// Never for use on a shard. All calls throw Error.
class PlainConnection {
 public:
  explicit PlainConnection(const std::string& url);

  // One or more statements without parameters; their rows are dropped.
  void run(const std::string& sql);

  // One statement; rows and parameters in text format, NULL as an empty text.
  std::vector<std::vector<std::string>> ask(const std::string& sql,
                                            const std::vector<std::string>& parameters = {});

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Finish> connection_;
};

// The same address with another database.
[[nodiscard]] std::string with_database(const std::string& url, const std::string& database);

}  // namespace wildnout::db
