// What battles hold about one person, for exports and erasure.
#pragma once

#include "contracts/record_keepers.hpp"

namespace wildnout::battles {

// One a shard. An erasure leaves rows, counts, votes and results as they are, so that everything
// can still be checked; what says who somebody is, or what they wrote, goes.
class BattleRecords final : public RecordKeeper {
 public:
  [[nodiscard]] Task<> collect(db::Session& db, UserId user, RecordSink& sink) override;
  [[nodiscard]] Task<> erase(db::Session& db, UserId user) override;
  // A stretch of battles a step.
  [[nodiscard]] Task<std::optional<std::string>> erase_step(db::Session& db, UserId user,
                                                            std::string from) override;
};

}  // namespace wildnout::battles
