// What clients see of a tournament's bracket.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "battles/bracket.hpp"
#include "battles/model.hpp"

namespace wildnout::battles {

// Entries are the tournament's own throughout, whatever round they are in.
struct BracketEntry {
  EntryId entry_id;
  UserId user_id;
  std::int32_t seed;
};
BOOST_DESCRIBE_STRUCT(BracketEntry, (), (entry_id, user_id, seed))

// Null where there was no voting, and while rules.hideTallyUntilEnd hides them.
struct BracketVotes {
  std::optional<std::int64_t> a;
  std::optional<std::int64_t> b;
};
BOOST_DESCRIBE_STRUCT(BracketVotes, (), (a, b))

// The copies that stand in the round's battle: results, ballots and receipts there name these.
struct RoundEntryIds {
  std::optional<EntryId> a;
  std::optional<EntryId> b;
};
BOOST_DESCRIBE_STRUCT(RoundEntryIds, (), (a, b))

struct BracketPairing {
  Uuid id;
  std::optional<BracketEntry> a;  // null: not known yet, or nobody came
  std::optional<BracketEntry> b;
  std::optional<BracketEntry> winner;
  bool bye;
  PairingStatus status;
  BracketVotes votes;
  RoundEntryIds round_entry_ids;
};
BOOST_DESCRIBE_STRUCT(BracketPairing, (), (id, a, b, winner, bye, status, votes, round_entry_ids))

struct BracketRound {
  std::int32_t round;
  std::optional<BattleId> battle_id;  // null until the round before has ended
  Timestamp starts_at;
  Timestamp ends_at;
  std::vector<BracketPairing> pairings;
};
BOOST_DESCRIBE_STRUCT(BracketRound, (), (round, battle_id, starts_at, ends_at, pairings))

// How the draw was made, so that anybody can make it again (docs/tournaments.md).
struct BracketSeeding {
  std::string method;                 // "random"
  std::string commitment;             // hex: SHA-256 of the secret, shown from the start
  std::optional<std::string> secret;  // hex, once the draw is made
  std::optional<Timestamp> drawn_at;
};
BOOST_DESCRIBE_STRUCT(BracketSeeding, (), (method, commitment, secret, drawn_at))

struct Disqualification {
  EntryId entry_id;
  std::string reason;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(Disqualification, (), (entry_id, reason, at))

struct Bracket {
  BattleId battle_id;
  std::int32_t size;                 // places; rules.bracketSize until the draw
  std::vector<BracketRound> rounds;  // none until the draw
  std::optional<BracketEntry> champion;
  BracketSeeding seeding;
  std::vector<Disqualification> disqualifications;
};
BOOST_DESCRIBE_STRUCT(Bracket, (), (battle_id, size, rounds, champion, seeding, disqualifications))

struct Disqualify {
  Text<3, 500> reason;
};
BOOST_DESCRIBE_STRUCT(Disqualify, (), (reason))

}  // namespace wildnout::battles
