// What can be done with entries.
#pragma once

#include "battles/entry_repository.hpp"
#include "battles/node.hpp"
#include "platform/api/access.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// One a shard. Changes hold the battle's row, so that limits are exact and no entry is taken after
// the step that closes the battle for entries.
class EntryService {
 public:
  explicit EntryService(Node& node) : node_{node} {}

  // Submits, or keeps a draft. Refuses: not_found, battle_not_active, account_too_young (a draft is
  // kept all the same), duplicate_entry, battle_full, validation_error with every fault of the
  // battle's rules.
  [[nodiscard]] Task<EntryRow> create(db::Scope scope, api::Caller caller, BattleId battle,
                                      CreateEntry request);
  // A draft becomes an entry. Refuses as create, and not_a_draft.
  [[nodiscard]] Task<EntryRow> submit(db::Scope scope, api::Caller caller, EntryId id);
  // The author's, while the battle takes entries. Refuses: not_found, forbidden, too_late,
  // precondition_failed, validation_error.
  [[nodiscard]] Task<EntryRow> update(db::Scope scope, api::Caller caller, EntryId id,
                                      UpdateEntry request, std::optional<std::int32_t> if_match);
  // A draft goes for good; an entry is withdrawn and gives its place back, while the battle takes
  // entries.
  [[nodiscard]] Task<> remove(db::Scope scope, api::Caller caller, EntryId id,
                              std::optional<std::int32_t> if_match);

  // Refuses not_found for what the caller may not see.
  [[nodiscard]] Task<EntryRow> get(db::Session& session, std::optional<api::Caller> caller,
                                   EntryId id);

 private:
  [[nodiscard]] Task<> enter(db::Session& session, BattleId battle, EntryId entry, UserId user);
  [[nodiscard]] Task<EntryRow> hold_own(db::Session& session, const api::Caller& caller, EntryId id,
                                        std::optional<std::int32_t> if_match);

  Node& node_;
};

}  // namespace wildnout::battles
