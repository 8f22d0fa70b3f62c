// Taking a tournament through its rounds.
#include "battles/tournament.hpp"

#include <algorithm>
#include <map>

#include "battles/bracket_repository.hpp"
#include "battles/entry_repository.hpp"
#include "battles/lifecycle.hpp"
#include "battles/presentation.hpp"
#include "battles/result_repository.hpp"
#include "battles/results.hpp"
#include "battles/tournament_results.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/values/random.hpp"

namespace wildnout::battles {
namespace {

// Who lets a step be taken: the clock, or somebody.
struct Cause {
  StepCause kind = StepCause::schedule;
  std::optional<UserId> actor = {};
  std::optional<std::string> reason = {};
};

// A tournament as its steps see it, loaded anew for each.
struct Standings {
  std::vector<EntrantRow> entrants;
  std::vector<Pairing> pairings;

  [[nodiscard]] IsThere is_there() const {
    return
        [this](std::int32_t seed) { return entrants[static_cast<std::size_t>(seed - 1)].is_there; };
  }
  [[nodiscard]] EntryId entry_of(std::int32_t seed) const {
    return entrants[static_cast<std::size_t>(seed - 1)].entry_id;
  }
  [[nodiscard]] std::int32_t rounds() const { return pairings.empty() ? 0 : pairings.back().round; }
};

Task<Standings> load_standings(db::Session& session, BattleId tournament) {
  Standings standings;
  standings.entrants = co_await find_entrants(session, tournament);
  standings.pairings = co_await find_pairings(session, tournament);
  co_return standings;
}

std::string round_title(const std::string& tournament, std::int32_t round, std::int32_t rounds) {
  switch (rounds - round) {
    case 0:
      return tournament + " · Final";
    case 1:
      return tournament + " · Semi-finals";
    case 2:
      return tournament + " · Quarter-finals";
    default:
      return tournament + " · Round " + std::to_string(round);
  }
}

// Opens the battle of a round: upcoming until `starts_at`, which may have passed.
Task<> open_round(db::Session& session, const BattleRow& tournament, std::int32_t round,
                  std::int32_t rounds, Timestamp starts_at) {
  Rules rules = present(tournament).rules;
  const auto length =
      round_length(rules, {tournament.start_time, tournament.end_time, tournament.voting_start_time,
                           tournament.voting_end_time});
  rules.bracket_size.reset();
  rules.round_hours.reset();
  rules.round_seconds.reset();
  const NewRound made{BattleId::make(),
                      tournament.id,
                      round,
                      round_title(tournament.title, round, rounds),
                      std::move(rules),
                      starts_at,
                      starts_at + length};
  co_await insert_round(session, made);
  co_await add_history(session, made.id, std::nullopt, Status::upcoming, StepCause::created,
                       std::nullopt, std::nullopt);
}

Task<> finish(db::Session& session, BattleId tournament, const Cause& cause) {
  const StepRow step = co_await force_step(session, tournament, Status::completed);
  const Timestamp at = co_await record_step(session, tournament, Status::voting, step, cause.kind,
                                            cause.actor, cause.reason);
  co_await settle_tournament(session, tournament, at);
}

// Draws the bracket when registration has ended. `tournament` is voting.
Task<> draw(db::Session& session, const BattleRow& tournament, const Cause& cause) {
  const auto row = co_await find_tournament(session, tournament.id);
  if (!row || row->drawn_at) co_return;
  Hash secret{};
  const auto octets = row->secret.span();
  std::copy(octets.begin(), octets.end(), secret.begin());
  const auto seeded = seed_entries(secret, co_await find_registered(session, tournament.id));
  const auto entrants = static_cast<std::int32_t>(seeded.size());
  std::vector<Pairing> pairings;
  for (const DrawnPairing& drawn : draw_pairings(entrants)) {
    Pairing pairing{Uuid::make(), drawn.round,  drawn.position, drawn.seed_a,
                    drawn.seed_b, std::nullopt, drawn.is_bye,   PairingStatus::waiting};
    if (drawn.is_bye) {
      pairing.winner = drawn.seed_a;
      pairing.status = PairingStatus::decided;
    }
    pairings.push_back(pairing);
  }
  const std::int32_t places = bracket_places(entrants);
  co_await store_draw(session, tournament.id, places, seeded, pairings);
  if (pairings.empty()) {
    co_await finish(session, tournament.id, cause);
  } else {
    co_await open_round(session, tournament, 1, round_count(places), tournament.voting_start_time);
  }
}

// Voting on a round begins: who is not there forfeits, the others' entries take their seats.
Task<> begin_round(db::Session& session, Node& node, BattleId tournament, const RoundRow& round,
                   StepRow step, const Cause& cause) {
  Standings standings = co_await load_standings(session, tournament);
  std::vector<Seat> seats;
  for (Pairing& pairing : standings.pairings) {
    if (pairing.round != round.round) continue;
    begin_pairing(pairing, standings.is_there());
    if (pairing.status != PairingStatus::voting) continue;
    seats.push_back({standings.entry_of(*pairing.seed_a), pairing.position});
    seats.push_back({standings.entry_of(*pairing.seed_b), pairing.position});
  }
  co_await update_pairings(session, tournament, standings.pairings);
  co_await seat_entries(session, round.id, seats);
  const Timestamp at = co_await record_step(session, round.id, Status::upcoming, step, cause.kind,
                                            cause.actor, cause.reason, tournament);
  co_await bus::publish(
      session, tournament.value,
      RoundStarted{tournament, round.id, round.round, standings.rounds(), at, step.ends_at});
  session.after_commit([&node, id = round.id] { node.battle_changed(id); });
}

// The place of each seed in the result of a round.
Task<std::map<std::int32_t, std::int32_t>> ranks_in(db::Session& session, BattleId round,
                                                    const Standings& standings) {
  std::map<EntryId, std::int32_t> ranks;
  const auto results = co_await find_results(session, round);
  for (const RankedEntry& entry : json::read<std::vector<RankedEntry>>(results->ranking)) {
    ranks[entry.entry_id] = entry.rank;
  }
  std::map<EntryId, std::int32_t> seeds;
  for (const EntrantRow& entrant : standings.entrants) seeds[entrant.entry_id] = entrant.seed;
  std::map<std::int32_t, std::int32_t> by_seed;
  for (const RoundEntryRow& entry : co_await find_entries_of_round(session, round)) {
    const auto found = ranks.find(entry.id);
    if (found != ranks.end()) by_seed[seeds.at(entry.origin_id)] = found->second;
  }
  co_return by_seed;
}

// Voting on a round has ended: its result decides who goes on, and the next round is opened.
Task<> end_round(db::Session& session, Node& node, const BattleRow& tournament,
                 const RoundRow& round, StepRow step, const Cause& cause) {
  const Timestamp at = co_await record_step(session, round.id, Status::voting, step, cause.kind,
                                            cause.actor, cause.reason, tournament.id);
  // Final at once: the next round hangs on it.
  co_await settle_results(session, node, round.id, at, at);
  (void)co_await mark_certified(session, round.id);
  Standings standings = co_await load_standings(session, tournament.id);
  const auto ranks = co_await ranks_in(session, round.id, standings);
  std::vector<Pairing> decided;
  for (Pairing& pairing : standings.pairings) {
    if (pairing.round != round.round) continue;
    decide_pairing(pairing, standings.is_there(), ranks);
    decided.push_back(pairing);
  }
  seat_winners(decided, standings.pairings);
  co_await update_pairings(session, tournament.id, standings.pairings);
  const std::int32_t rounds = standings.rounds();
  co_await bus::publish(session, tournament.id.value,
                        RoundCompleted{tournament.id, round.id, round.round, rounds, at});
  session.after_commit([&node, id = round.id] { node.battle_changed(id); });
  if (round.round == rounds) {
    co_await finish(session, tournament.id, cause);
    co_return;
  }
  // Behind the voting that was, not behind this moment: after downtime the schedule holds.
  const auto ended = co_await find_battle(session, round.id);
  co_await open_round(session, tournament, round.round + 1, rounds, ended->voting_end_time);
}

Task<> step_round(db::Session& session, Node& node, const BattleRow& tournament,
                  const RoundRow& round, StepRow step, const Cause& cause) {
  if (step.status == Status::voting) {
    co_await begin_round(session, node, tournament.id, round, std::move(step), cause);
  } else {
    co_await end_round(session, node, tournament, round, std::move(step), cause);
  }
}

// The round that has not ended.
Task<std::optional<RoundRow>> current_round(db::Session& session, BattleId tournament) {
  const auto rounds = co_await find_rounds(session, tournament);
  if (rounds.empty() || !next_status(rounds.back().status)) co_return std::nullopt;
  co_return rounds.back();
}

// One step that is due, of the tournament or its round. False: none is.
Task<bool> take_step(db::Session& session, Node& node, BattleId id) {
  const Cause clock;
  const auto before = co_await find_battle(session, id);
  if (auto step = co_await take_due_step(session, id)) {
    co_await record_step(session, id, before->status, *step, clock.kind, clock.actor, clock.reason);
    if (step->status == Status::voting) {
      co_await draw(session, *co_await find_battle(session, id), clock);
    }
    co_return true;
  }
  if (before->status != Status::voting) co_return false;
  const auto round = co_await current_round(session, id);
  if (!round) co_return false;
  auto step = co_await take_due_round_step(session, round->id);
  if (!step) co_return false;
  co_await step_round(session, node, *before, *round, std::move(*step), clock);
  co_return true;
}

Task<> force_round(db::Session& session, Node& node, const BattleRow& tournament,
                   const RoundRow& round, Status to, const Cause& cause) {
  StepRow step = to == Status::voting ? co_await begin_round_now(session, round.id)
                                      : co_await force_step(session, round.id, to);
  co_await step_round(session, node, tournament, round, std::move(step), cause);
}

// A pairing that is voting loses an entrant: the other goes on, and nobody votes there any more.
Task<> forfeit(db::Session& session, Node& node, BattleId tournament, std::int32_t seed,
               EntryId entry, EntryStatus status) {
  const auto round = co_await current_round(session, tournament);
  if (!round || round->status != Status::voting) co_return;
  Standings standings = co_await load_standings(session, tournament);
  for (Pairing& pairing : standings.pairings) {
    if (pairing.round != round->round) continue;
    if (pairing.seed_a != seed && pairing.seed_b != seed) continue;
    decide_pairing(pairing, standings.is_there(), {});
  }
  co_await update_pairings(session, tournament, standings.pairings);
  (void)co_await lock_battle(session, round->id);
  for (const RoundEntryRow& copy : co_await find_entries_of_round(session, round->id)) {
    if (copy.origin_id == entry) co_await set_entry_status(session, copy.id, status);
  }
  co_await recount_entries(session, round->id);
  session.after_commit([&node, id = round->id] { node.battle_changed(id); });
}

}  // namespace

Task<> advance_tournament(db::Session& session, Node& node, BattleId tournament) {
  if (!co_await lock_battle(session, tournament)) co_return;
  while (co_await take_step(session, node, tournament)) {
  }
  co_await leave_job(session, tournament, co_await next_tournament_step_at(session, tournament));
  session.after_commit([&node, tournament] { node.battle_changed(tournament); });
}

Task<> force_tournament(db::Session& session, Node& node, const BattleRow& battle, Status to,
                        UserId actor, std::string reason) {
  const Cause cause{StepCause::forced, actor, reason};
  const BattleId id = battle.parent_id.value_or(battle.id);
  const auto tournament = co_await find_battle(session, id);
  auto round = co_await current_round(session, id);
  if (battle.parent_id) {
    co_await force_round(session, node, *tournament, *round, to, cause);
  } else if (tournament->status == Status::voting) {
    while (round) {
      const auto next = round->status == Status::upcoming ? Status::voting : Status::completed;
      co_await force_round(session, node, *tournament, *round, next, cause);
      round = co_await current_round(session, id);
    }
  } else {
    StepRow step = co_await force_step(session, id, to);
    co_await record_step(session, id, battle.status, step, cause.kind, cause.actor, cause.reason);
    if (to == Status::voting) co_await draw(session, *co_await find_battle(session, id), cause);
  }
  co_await advance_tournament(session, node, id);
}

Task<> cancel_rounds(db::Session& session, Node& node, BattleId tournament, UserId actor,
                     std::string reason) {
  const auto round = co_await current_round(session, tournament);
  if (!round) co_return;
  const StepRow step = co_await force_step(session, round->id, Status::cancelled);
  co_await record_step(session, round->id, round->status, step, StepCause::cancelled, actor,
                       std::move(reason), tournament);
  session.after_commit([&node, id = round->id] { node.battle_changed(id); });
}

Task<> drop_entrant(db::Session& session, Node& node, const BattleRow& tournament, EntryId entry,
                    UserId user, EntryStatus status) {
  co_await set_entry_status(session, entry, status);
  co_await recount_entries(session, tournament.id);
  co_await bus::publish(session, tournament.id.value, EntryWithdrawn{tournament.id, entry, user});
  for (const EntrantRow& entrant : co_await find_entrants(session, tournament.id)) {
    if (entrant.entry_id != entry) continue;
    co_await forfeit(session, node, tournament.id, entrant.seed, entry, status);
  }
  session.after_commit([&node, id = tournament.id, user] {
    node.battle_changed(id);
    node.votes_changed({{id, user}});
  });
}

}  // namespace wildnout::battles
