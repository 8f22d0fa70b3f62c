// What identity holds about one person, for exports and erasure.
#pragma once

#include "contracts/record_keepers.hpp"
#include "identity/service.hpp"

namespace wildnout::identity {

// One a shard.
class IdentityRecords final : public RecordKeeper {
 public:
  IdentityRecords(Service& service, const crypto::Vault& vault)
      : service_{service}, vault_{vault} {}

  [[nodiscard]] Task<> collect(db::Session& db, UserId user, RecordSink& sink) override;
  // The row of the user stays as the mark that the account is gone. Ties to others go on both sides
  // with their counts.
  [[nodiscard]] Task<> erase(db::Session& db, UserId user) override;
  [[nodiscard]] Task<std::optional<std::string>> erase_step(db::Session& db, UserId user,
                                                            std::string from) override;

 private:
  Service& service_;
  const crypto::Vault& vault_;
};

}  // namespace wildnout::identity
