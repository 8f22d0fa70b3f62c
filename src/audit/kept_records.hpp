// What the audit trail and its watch hold about one person, for exports and erasure.
#pragma once

#include "contracts/record_keepers.hpp"
#include "platform/audit/trail.hpp"

namespace wildnout::audit {

// One a shard. No row of the trail is ever changed: an erasure takes away the key that what tells
// of the person is encrypted with (platform/audit/person_keys.hpp).
class AuditRecords final : public RecordKeeper {
 public:
  [[nodiscard]] Task<> collect(db::Session& db, UserId user, RecordSink& sink) override;
  [[nodiscard]] Task<> erase(db::Session& db, UserId user) override;
};

}  // namespace wildnout::audit
