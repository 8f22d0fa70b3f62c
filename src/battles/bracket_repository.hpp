// The SQL of tournaments: seeds, pairings, rounds and the copies of entries that stand in them.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "battles/bracket.hpp"
#include "battles/repository.hpp"
#include "platform/db/codec.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// --- the draw

struct TournamentRow {
  BattleId id;
  db::Bytes secret;  // 32 octets
  std::optional<std::int32_t> places;
  std::optional<Timestamp> drawn_at;
};
BOOST_DESCRIBE_STRUCT(TournamentRow, (), (id, secret, places, drawn_at))

[[nodiscard]] Task<> insert_tournament(db::Session& session, BattleId id, const Hash& secret);
[[nodiscard]] Task<std::optional<TournamentRow>> find_tournament(db::Session& session, BattleId id);

// Entries that take part in the draw: submitted and not rejected.
[[nodiscard]] Task<std::vector<EntryId>> find_registered(db::Session& session, BattleId id);
// `seeded`: the first is seed 1.
[[nodiscard]] Task<> store_draw(db::Session& session, BattleId id, std::int32_t places,
                                const std::vector<EntryId>& seeded,
                                const std::vector<Pairing>& pairings);

// --- entrants and pairings

struct EntrantRow {
  std::int32_t seed;
  EntryId entry_id;
  UserId user_id;
  bool is_there;  // submitted and approved
  Timestamp submission_time;
};
BOOST_DESCRIBE_STRUCT(EntrantRow, (), (seed, entry_id, user_id, is_there, submission_time))

// By seed.
[[nodiscard]] Task<std::vector<EntrantRow>> find_entrants(db::Session& session, BattleId id);
// By round and position; all are written by whoever holds the tournament's row.
[[nodiscard]] Task<std::vector<Pairing>> find_pairings(db::Session& session, BattleId id);
[[nodiscard]] Task<> update_pairings(db::Session& session, BattleId id,
                                     const std::vector<Pairing>& pairings);

// --- rounds

struct NewRound {
  BattleId id;
  BattleId tournament;
  std::int32_t round;
  std::string title;
  Rules rules;
  Timestamp starts_at;
  Timestamp ends_at;
};

// A battle of its own, upcoming until its voting starts.
[[nodiscard]] Task<> insert_round(db::Session& session, const NewRound& round);

struct RoundRow {
  BattleId id;
  std::int32_t round;
  Status status;
  bool is_hidden;  // its votes, now
  Timestamp starts_at;
  Timestamp ends_at;
};
BOOST_DESCRIBE_STRUCT(RoundRow, (), (id, round, status, is_hidden, starts_at, ends_at))

// In order. At most six.
[[nodiscard]] Task<std::vector<RoundRow>> find_rounds(db::Session& session, BattleId id);
// The step of a round that is due by database time, if one is: upcoming, voting, completed.
[[nodiscard]] Task<std::optional<StepRow>> take_due_round_step(db::Session& session,
                                                               BattleId round);
// Begins a round's voting now; it lasts as long as it would have.
[[nodiscard]] Task<StepRow> begin_round_now(db::Session& session, BattleId round);
// When the next step of the tournament or of its round is due.
[[nodiscard]] Task<std::optional<Timestamp>> next_tournament_step_at(db::Session& session,
                                                                     BattleId id);

struct Seat {
  EntryId origin_id;
  std::int32_t pairing;  // its position
};

// Copies the tournament's entries into the round and lets each voter vote once a pairing.
[[nodiscard]] Task<> seat_entries(db::Session& session, BattleId round,
                                  const std::vector<Seat>& seats);

struct RoundEntryRow {
  BattleId round_id;
  EntryId id;
  EntryId origin_id;
  std::int64_t votes;
};
BOOST_DESCRIBE_STRUCT(RoundEntryRow, (), (round_id, id, origin_id, votes))

// The copies in all rounds of the tournament, and in `round` alone.
[[nodiscard]] Task<std::vector<RoundEntryRow>> find_round_entries(db::Session& session,
                                                                  BattleId tournament);
[[nodiscard]] Task<std::vector<RoundEntryRow>> find_entries_of_round(db::Session& session,
                                                                     BattleId round);

// What kind of battle votes are for.
struct BattlePlace {
  std::optional<BattleId> parent_id;
  BattleType battle_type;
  Status status;
};
BOOST_DESCRIBE_STRUCT(BattlePlace, (), (parent_id, battle_type, status))

[[nodiscard]] Task<std::optional<BattlePlace>> find_place(db::Session& session, BattleId id);
// The round that is voting now.
[[nodiscard]] Task<std::optional<BattleId>> find_voting_round(db::Session& session,
                                                              BattleId tournament);

// --- disqualifications and reading it all

struct DisqualificationRow {
  EntryId entry_id;
  std::string reason;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(DisqualificationRow, (), (entry_id, reason, at))

[[nodiscard]] Task<> insert_disqualification(db::Session& session, BattleId tournament,
                                             EntryId entry, UserId actor, std::string reason);

// Everything a bracket is made of, in one round trip and in an order that makes sense even when a
// step is taken meanwhile: pairings name no seed that is not among the entrants.
struct BracketRows {
  std::vector<Pairing> pairings;
  std::vector<EntrantRow> entrants;
  std::vector<RoundRow> rounds;
  std::vector<RoundEntryRow> copies;
  std::vector<DisqualificationRow> disqualifications;
};
[[nodiscard]] Task<BracketRows> find_bracket(db::Session& session, BattleId tournament);

// Marks a tournament's result as one that follows from its rounds' results.
[[nodiscard]] Task<> mark_tournament_results(db::Session& session, BattleId tournament);

}  // namespace wildnout::battles
