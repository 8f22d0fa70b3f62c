// What administrators do with cases.
#pragma once

#include "audit/watch/case_repository.hpp"
#include "platform/api/access.hpp"
#include "platform/api/refusal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit::watch {

inline constexpr api::Refusal already_resolved{409, "conflict",
                                               "This case was resolved in another way"};

// One a shard.
class AnomalyService {
 public:
  explicit AnomalyService(const Trail& trail) : trail_{trail} {}

  // The same again changes nothing. Refuses: not_found, already_resolved.
  [[nodiscard]] Task<CaseRow> resolve(db::Scope scope, Author author, Uuid by, Uuid id,
                                      ResolveAnomaly wish);

 private:
  const Trail& trail_;
};

}  // namespace wildnout::audit::watch
