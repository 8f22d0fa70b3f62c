// What a person's profile shows of their battles.
#pragma once

#include "contracts/users.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

class Profile : public ProfileFacts {
 public:
  explicit Profile(db::Database& database) : database_{database} {}
  [[nodiscard]] Task<BattleRecord> battle_record(UserId user) override;

 private:
  db::Database& database_;
};

}  // namespace wildnout::battles
