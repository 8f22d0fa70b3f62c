// The last good key sets in the database.
#pragma once

#include "identity/keys.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

// On the shard of its database.
class StoredKeys final : public KeyArchive {
 public:
  explicit StoredKeys(db::Database& database) : database_{database} {}

  [[nodiscard]] Task<std::optional<Kept>> find(std::string issuer) override;
  [[nodiscard]] Task<> keep(std::string issuer, std::string jwks) override;

 private:
  db::Database& database_;
};

}  // namespace wildnout::identity
