// The SQL of votes and tallies.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <vector>

#include "battles/model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// A vote on its way to the database.
struct Ballot {
  VoteId id;
  BattleId battle_id;
  EntryId entry_id;
  UserId user_id;
  Uuid salt;
  std::optional<std::int64_t> network;  // see voter_network.hpp
};

enum class VoteVerdict {
  counted,
  not_found,
  not_voting,
  own_entry,
  too_young,
  already_voted,
  limit_reached
};
BOOST_DESCRIBE_ENUM(VoteVerdict, counted, not_found, not_voting, own_entry, too_young,
                    already_voted, limit_reached)

struct Decision {
  VoteId id;
  VoteVerdict verdict;
  Timestamp at;
};
BOOST_DESCRIBE_STRUCT(Decision, (), (id, verdict, at))

// Decides and counts the ballots in one transaction and one round trip, by database time when the
// battles' rows are held. A ballot without a decision in the answer was already voted. Also fit for
// an open transaction. At most `most_ballots`.
inline constexpr std::size_t most_ballots = 500;
[[nodiscard]] Task<std::vector<Decision>> count_ballots(db::Session& session,
                                                        const std::vector<Ballot>& ballots);

enum class Retraction { done, not_found, forbidden, not_voting, voided };
BOOST_DESCRIBE_ENUM(Retraction, done, not_found, forbidden, not_voting, voided)

// Takes a vote back; the battle's row must be locked.
[[nodiscard]] Task<Retraction> retract_vote(db::Session& session, BattleId battle, EntryId entry,
                                            UserId user);

struct VoteRow {
  VoteId id;
  BattleId battle_id;
  EntryId entry_id;
  std::int64_t weight;
  Timestamp created_at;
  Uuid salt;
};
BOOST_DESCRIBE_STRUCT(VoteRow, (), (id, battle_id, entry_id, weight, created_at, salt))

[[nodiscard]] Task<std::vector<VoteRow>> find_votes(db::Session& session, BattleId battle,
                                                    UserId user, std::optional<VoteId> after,
                                                    std::int32_t limit);

// What a viewer has done in a battle.
struct ViewerRow {
  std::optional<EntryId> entry_id;
  std::vector<EntryId> voted_entry_ids;
  std::int32_t own_entries;  // approved ones
};
BOOST_DESCRIBE_STRUCT(ViewerRow, (), (entry_id, voted_entry_ids, own_entries))

[[nodiscard]] Task<ViewerRow> find_viewer(db::Session& session, BattleId battle, UserId user);

struct TallyRow {
  BattleId battle_id;
  EntryId entry_id;
  std::int64_t votes;
};
BOOST_DESCRIBE_STRUCT(TallyRow, (), (battle_id, entry_id, votes))

struct TallyHead {
  BattleId id;
  Status status;
  bool is_hidden;
  Timestamp as_of;
};
BOOST_DESCRIBE_STRUCT(TallyHead, (), (id, status, is_hidden, as_of))

// The tallies of these battles as of one moment, hidden ones without numbers.
[[nodiscard]] Task<std::vector<Tally>> find_tallies(db::Session& session,
                                                    std::vector<BattleId> battles);

}  // namespace wildnout::battles
