// PostgreSQL for tests: databases on the server that WILDNOUT_TEST_DATABASE_URL names.
#pragma once

#include <string>

namespace wildnout::testing {

// A database of one's own, dropped at the end of its life. The environment must name a server where
// databases may be made (./test starts one); throws std::runtime_error when it names none.
class Database {
 public:
  enum class Content { empty, migrated };

  // `migrated`: a copy of a template that is made once for each state of the migrations.
  explicit Database(Content content = Content::migrated);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  std::string name_;
  std::string url_;
};

// The migrated database that the tests of one program share; made when first asked for, dropped
// when the program ends.
[[nodiscard]] const std::string& database_url();

}  // namespace wildnout::testing
