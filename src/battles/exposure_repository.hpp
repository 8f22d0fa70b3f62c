// The SQL of impressions.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "battles/rotation.hpp"
#include "contracts/ids.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

// Whether a battle takes votes, by database time: from `opens_in` to `closes_in` milliseconds after
// the statement; neither where it is over.
struct VotingTime {
  bool is_secret;  // the tally is hidden now
  std::optional<std::int64_t> opens_in;
  std::optional<std::int64_t> closes_in;
};
BOOST_DESCRIBE_STRUCT(VotingTime, (), (is_secret, opens_in, closes_in))

// What may be dealt in a battle.
struct Deck {
  VotingTime voting;
  std::vector<Candidate> candidates;  // the approved entries
};

// Nothing when there is no such battle. `dealer`: whose counts are its own.
[[nodiscard]] Task<std::optional<Deck>> find_deck(db::Session& session, BattleId battle,
                                                  Uuid dealer);

// A dealer's own counts, absolute: writing the same or older ones again changes nothing.
struct ImpressionRow {
  BattleId battle_id;
  EntryId entry_id;
  Exposure exposure;
};
[[nodiscard]] Task<> write_impressions(db::Session& session, Uuid dealer,
                                       const std::vector<ImpressionRow>& rows);

struct EntryImpressions {
  EntryId entry_id;
  std::int64_t impressions;
};
BOOST_DESCRIBE_STRUCT(EntryImpressions, (), (entry_id, impressions))

// The sums over all dealers; entries that were never dealt have no row.
[[nodiscard]] Task<std::vector<EntryImpressions>> find_impressions(db::Session& session,
                                                                   BattleId battle);

}  // namespace wildnout::battles
