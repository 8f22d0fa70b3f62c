// What can be done with battles. No HTTP, no SQL text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "battles/model.hpp"
#include "battles/node.hpp"
#include "battles/repository.hpp"
#include "platform/api/access.hpp"
#include "platform/db/database.hpp"

namespace wildnout::battles {

// One a shard.
class BattleService {
 public:
  BattleService(Node& node, std::chrono::seconds minimum_phase, bool allows_round_seconds)
      : node_{node}, minimum_phase_{minimum_phase}, allows_round_seconds_{allows_round_seconds} {}

  // `is_demo` marks what the demonstration makes. Refuses: validation_error with every fault,
  // forbidden (`featured` without battle:feature).
  [[nodiscard]] Task<BattleRow> create(db::Scope scope, api::Caller caller, CreateBattle request,
                                       bool is_demo = false);

  // The creator before the start; battle:administer always, and then it is put on record under
  // `author`. `if_match`: the version that the caller has seen. Refuses: not_found, forbidden,
  // too_late, precondition_failed, validation_error.
  [[nodiscard]] Task<BattleRow> update(db::Scope scope, api::Caller caller, audit::Author author,
                                       BattleId id, UpdateBattle request,
                                       std::optional<std::int32_t> if_match);

  // Ends the battle as `cancelled`; who and when as `update`.
  [[nodiscard]] Task<> cancel(db::Scope scope, api::Caller caller, audit::Author author,
                              BattleId id, std::optional<std::int32_t> if_match);

  // An administrator's forced step: the next one or `cancelled`. Refuses: invalid_transition.
  [[nodiscard]] Task<BattleRow> force_step(db::Scope scope, api::Caller caller,
                                           audit::Author author, BattleId id, ForceStep request);

  [[nodiscard]] Task<std::vector<HistoryStep>> history(db::Session& session, BattleId id);

  // Refuses: not_found (also of a cancelled battle), results_not_ready with availableAt.
  [[nodiscard]] Task<Results> results(db::Session& session, BattleId id);

 private:
  [[nodiscard]] Task<BattleRow> hold_for_change(db::Session& session, const api::Caller& caller,
                                                BattleId id, std::optional<std::int32_t> if_match);

  // Whether the rounds of a tournament fit into its times.
  void check_tournament(const NewBattle& battle, Faults& faults) const;

  Node& node_;
  std::chrono::seconds minimum_phase_;
  bool allows_round_seconds_;
};

}  // namespace wildnout::battles
