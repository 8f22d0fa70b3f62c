// What can be done with tournaments beside what can be done with battles.
#pragma once

#include "battles/bracket_model.hpp"
#include "battles/entry_repository.hpp"
#include "battles/node.hpp"
#include "platform/api/access.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// One a shard.
class TournamentService {
 public:
  explicit TournamentService(Node& node) : node_{node} {}

  // Refuses: not_found, also of a battle that is no tournament.
  [[nodiscard]] Task<Bracket> bracket(db::Session& session, BattleId id);

  // Puts an entrant out: the entry is removed, what it still had to meet is forfeited. An
  // administrator's, kept with who and why, and in the audit trail. Refuses: not_found,
  // not_a_tournament, too_late.
  [[nodiscard]] Task<EntryRow> disqualify(db::Scope scope, api::Caller caller, audit::Author author,
                                          BattleId id, EntryId entry, Disqualify request);

 private:
  Node& node_;
};

}  // namespace wildnout::battles
