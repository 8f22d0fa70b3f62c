// Brackets as they are shown, and putting entrants out.
#include "battles/tournament_service.hpp"

#include <map>

#include "battles/bracket_repository.hpp"
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/tournament.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

// What the audit trail keeps of an entrant put out.
struct EntrantPutOut {
  BattleId battle;
  UserId entrant;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(EntrantPutOut, (), (battle, entrant, reason))

namespace {

// What a bracket is shown from.
struct Parts {
  BattleRow battle;
  TournamentRow tournament;
  BracketRows rows;
};

std::optional<BracketEntry> entry_of(const Parts& parts, std::optional<std::int32_t> seed) {
  if (!seed) return std::nullopt;
  const EntrantRow& entrant = parts.rows.entrants[static_cast<std::size_t>(*seed - 1)];
  return BracketEntry{entrant.entry_id, entrant.user_id, entrant.seed};
}

// The copy of an entry in a round, if it stands there.
const RoundEntryRow* copy_of(const Parts& parts, const RoundRow* round,
                             const std::optional<BracketEntry>& entry) {
  if (round == nullptr || !entry) return nullptr;
  for (const RoundEntryRow& copy : parts.rows.copies) {
    if (copy.round_id == round->id && copy.origin_id == entry->entry_id) return &copy;
  }
  return nullptr;
}

BracketPairing present(const Parts& parts, const RoundRow* round, const Pairing& pairing) {
  BracketPairing shown{};
  shown.id = pairing.id;
  shown.a = entry_of(parts, pairing.seed_a);
  shown.b = entry_of(parts, pairing.seed_b);
  shown.winner = entry_of(parts, pairing.winner);
  shown.bye = pairing.is_bye;
  shown.status = pairing.status;
  const RoundEntryRow* a = copy_of(parts, round, shown.a);
  const RoundEntryRow* b = copy_of(parts, round, shown.b);
  if (a != nullptr) shown.round_entry_ids.a = a->id;
  if (b != nullptr) shown.round_entry_ids.b = b->id;
  if (a != nullptr && b != nullptr && !round->is_hidden) shown.votes = {a->votes, b->votes};
  return shown;
}

// Rounds that have begun say when; those to come follow one after the other.
std::vector<BracketRound> present_rounds(const Parts& parts) {
  std::vector<BracketRound> shown;
  const Battle battle = battles::present(parts.battle);
  const auto length = round_length(
      battle.rules,
      {battle.start_time, battle.end_time, battle.voting_start_time, battle.voting_end_time});
  Timestamp next = battle.voting_start_time;
  for (const Pairing& pairing : parts.rows.pairings) {
    const auto number = static_cast<std::size_t>(pairing.round);
    const RoundRow* round =
        number <= parts.rows.rounds.size() ? &parts.rows.rounds[number - 1] : nullptr;
    if (shown.size() < number) {
      BracketRound made{pairing.round, std::nullopt, next, next + length, {}};
      if (round != nullptr) {
        made.battle_id = round->id;
        made.starts_at = round->starts_at;
        made.ends_at = round->ends_at;
      }
      next = made.ends_at;
      shown.push_back(std::move(made));
    }
    shown.back().pairings.push_back(present(parts, round, pairing));
  }
  return shown;
}

Hash secret_of(const TournamentRow& row) {
  Hash secret{};
  const auto octets = row.secret.span();
  std::copy(octets.begin(), octets.end(), secret.begin());
  return secret;
}

BracketSeeding present_seeding(const TournamentRow& row) {
  const Hash secret = secret_of(row);
  BracketSeeding seeding{"random", crypto::hex(crypto::ByteView{seeding_commitment(secret)}),
                         std::nullopt, row.drawn_at};
  if (row.drawn_at) seeding.secret = crypto::hex(crypto::ByteView{secret});
  return seeding;
}

std::optional<BracketEntry> champion_of(const Parts& parts) {
  if (parts.battle.status != Status::completed) return std::nullopt;
  if (!parts.rows.pairings.empty()) return entry_of(parts, parts.rows.pairings.back().winner);
  if (parts.rows.entrants.size() == 1 && parts.rows.entrants.front().is_there)
    return entry_of(parts, 1);
  return std::nullopt;
}

}  // namespace

Task<Bracket> TournamentService::bracket(db::Session& session, BattleId id) {
  auto battle = co_await find_battle(session, id);
  auto tournament = co_await find_tournament(session, id);
  api::require(battle && tournament, api::not_found);
  const Parts parts{std::move(*battle), std::move(*tournament), co_await find_bracket(session, id)};
  Bracket bracket{id,
                  parts.tournament.places.value_or(
                      battles::present(parts.battle).rules.bracket_size.value_or(0)),
                  present_rounds(parts),
                  champion_of(parts),
                  present_seeding(parts.tournament),
                  {}};
  for (const DisqualificationRow& row : parts.rows.disqualifications) {
    bracket.disqualifications.push_back({row.entry_id, row.reason, row.at});
  }
  co_return bracket;
}

Task<EntryRow> TournamentService::disqualify(db::Scope scope, api::Caller caller,
                                             audit::Author author, BattleId id, EntryId entry,
                                             Disqualify request) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<EntryRow> {
    const auto battle = co_await lock_battle(session, id);
    api::require(battle.has_value(), api::not_found);
    api::require(battle->battle_type == BattleType::tournament, not_a_tournament);
    const auto row = co_await lock_entry(session, entry);
    api::require(row && row->battle_id == id && row->status != EntryStatus::draft, api::not_found);
    api::require(next_status(battle->status) && row->status == EntryStatus::submitted, too_late);
    co_await insert_disqualification(session, id, entry, UserId{caller.user_id},
                                     request.reason.raw());
    co_await drop_entrant(session, node_, *battle, entry, row->user_id, EntryStatus::removed);
    const EntrantPutOut put_out{id, row->user_id, request.reason.raw()};
    co_await node_.trail().record(session, author,
                                  {.action = "entry.disqualified",
                                   .subject_type = "entry",
                                   .subject_id = entry.text(),
                                   .severity = audit::Severity::warning,
                                   .metadata = json::text_of(put_out)});
    co_return *co_await find_entry(session, entry);
  });
}

}  // namespace wildnout::battles
