// The bracket of a tournament as pure functions: seeds, places, byes, the times of rounds.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "battles/rules.hpp"

namespace wildnout::battles {

inline constexpr std::int32_t most_entrants = 64;
// A tournament's result follows from its rounds' results, each of which proves itself.
inline constexpr std::string_view tournament_algorithm = "wildnout-tournament/1";

// The places of the smallest bracket that holds so many entrants: a power of two from two on; one
// entrant needs one place, none needs none.
[[nodiscard]] std::int32_t bracket_places(std::int32_t entrants);

// How many rounds a bracket of so many places has: log2.
[[nodiscard]] std::int32_t round_count(std::int32_t places);

// What is published before anybody can know the draw: SHA-256(secret).
[[nodiscard]] Hash seeding_commitment(const Hash& secret);

// Entries by seed, the first is seed 1: ascending SHA-256(draw ‖ entry id), where draw is
// SHA-256(secret ‖ entry ids ascending), ids as 16 bytes. The order of `entries` does not matter.
[[nodiscard]] std::vector<EntryId> seed_entries(const Hash& secret, std::vector<EntryId> entries);

// The seeds by place in the first round, 1 to `places` once each: places 2k and 2k+1 meet, and two
// seeds can meet the later the better they are (1 and 2 in the final alone). `places` is a power of
// two.
[[nodiscard]] std::vector<std::int32_t> seed_places(std::int32_t places);

// A pairing as it is drawn. Seeds are absent where nobody is known yet, or nobody will come.
struct DrawnPairing {
  std::int32_t round;     // 1 for the first
  std::int32_t position;  // from 0, from the top of the bracket
  std::optional<std::int32_t> seed_a;
  std::optional<std::int32_t> seed_b;
  bool is_bye;  // seed_a goes on without an opponent

  bool operator==(const DrawnPairing&) const = default;
};

// Every pairing of every round, by round and position. Who has a bye stands in the second round
// already. Byes go to the best seeds, and no pairing of the first round is without anybody.
[[nodiscard]] std::vector<DrawnPairing> draw_pairings(std::int32_t entrants);

// Where the winner of a pairing goes in the next round: its position there, on side a when the
// position here is even, on side b when it is odd.
[[nodiscard]] constexpr std::int32_t next_position(std::int32_t position) { return position / 2; }
[[nodiscard]] constexpr bool goes_to_side_a(std::int32_t position) { return position % 2 == 0; }

// Forfeited: somebody, or nobody, goes on because the other was not there.
enum class PairingStatus { waiting, voting, decided, forfeited };
BOOST_DESCRIBE_ENUM(PairingStatus, waiting, voting, decided, forfeited)

// A pairing on its way through the tournament.
struct Pairing {
  Uuid id;
  std::int32_t round;
  std::int32_t position;
  std::optional<std::int32_t> seed_a;
  std::optional<std::int32_t> seed_b;
  std::optional<std::int32_t> winner;
  bool is_bye;
  PairingStatus status;
};
BOOST_DESCRIBE_STRUCT(Pairing, (), (id, round, position, seed_a, seed_b, winner, is_bye, status))

// Whether the entrant of a seed is still there: neither withdrawn, removed nor without approval.
using IsThere = std::function<bool(std::int32_t seed)>;

// What a pairing becomes when its round begins: voting, or forfeited by who is not there. A bye
// stays as it is.
void begin_pairing(Pairing& pairing, const IsThere& is_there);

// What it becomes when voting on it has ended, or one of the two is gone. `ranks`: the place of
// each seed in the result of the round; the lower wins. One without a place loses, of two such the
// better seed wins.
void decide_pairing(Pairing& pairing, const IsThere& is_there,
                    const std::map<std::int32_t, std::int32_t>& ranks);

// Puts the winners of a round into the next one.
void seat_winners(const std::vector<Pairing>& round, std::vector<Pairing>& next);

// How far an entrant came.
struct Finish {
  RankedEntry row;  // as of the last round; without votes where there was none
  std::int32_t seed;
  std::int32_t last_round;                // in which the entrant stood, 0: in none
  std::optional<std::int32_t> last_rank;  // in the result of that round
  bool is_champion;
};

// A tournament's ranking: the champion, then by the last round, then by the rank in that round's
// result, which is votes and the tie chain; then by seed. Without a champion nobody has rank 1.
[[nodiscard]] std::vector<RankedEntry> rank_finishes(std::vector<Finish> finishes);

// How long a round's voting lasts: rules.roundSeconds or roundHours, else the time of voting shared
// among the rounds of a full bracket. `rules` are a tournament's that were checked.
[[nodiscard]] std::chrono::milliseconds round_length(const Rules& rules, const Schedule& times);

// Adds a fault when the rounds of a full bracket do not fit between votingStartTime and
// votingEndTime, or are shorter than `minimum_phase`. For tournaments; others have no faults.
void check_rounds(const Rules& rules, const Schedule& times, std::chrono::seconds minimum_phase,
                  Faults& faults);

}  // namespace wildnout::battles
