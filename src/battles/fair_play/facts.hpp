// What detectors know of a battle: its counted votes, their voters, and what was found.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/values/time.hpp"

namespace wildnout::battles::fair_play {

// One counted vote. `network` is a keyed hash of the voter's address (of the /64 for IPv6): equal
// for voters behind one address, nothing for loopback and where it is not known.
struct Fact {
  VoteId id;
  UserId voter;
  Timestamp at;
  Timestamp account_made;  // when the voter registered
  std::optional<std::int64_t> network;
  std::uint32_t entry;  // place in BattleFacts::entries
};

struct Entrant {
  EntryId id;
  UserId author;
};

// What is remembered of an author's votes for another in certified battles.
struct Tie {
  UserId voter;
  UserId target;
  std::int64_t votes;
  double choices;  // the sum over those votes of log10(entries of others that were there)
};

struct BattleFacts {
  std::vector<Entrant> entries;
  std::vector<Fact> votes;  // any order
  std::vector<Tie> ties;    // of voters of this battle who have entered some battle
};

enum class Detector : std::uint8_t {
  burst,
  young_accounts,
  shared_network,
  ring,
  identical_timing
};
BOOST_DESCRIBE_ENUM(Detector, burst, young_accounts, shared_network, ring, identical_timing)

inline constexpr std::size_t detector_count = 5;

// Which detectors are on.
class Detectors {
 public:
  [[nodiscard]] static Detectors all() {
    Detectors every;
    every.bits_ = (1U << detector_count) - 1;
    return every;
  }
  void add(Detector detector) { bits_ |= 1U << static_cast<unsigned>(detector); }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] bool has(Detector detector) const {
    return (bits_ & 1U << static_cast<unsigned>(detector)) != 0;
  }

 private:
  unsigned bits_ = 0;
};

// What exactly a detector saw; several detectors have two forms of their question.
enum class Signal : std::uint8_t {
  entry_burst,     // burst: the entry, against its own rate and the battle's
  network_burst,   // burst: voters behind one address, against the others' times
  young_group,     // youngAccounts: a group found otherwise consists of them
  young_influx,    // youngAccounts: far more of them than elsewhere in the battle
  shared_network,  // sharedNetwork
  cadence,         // identicalTiming: equal gaps
  equal_age,       // identicalTiming: accounts voted at the same age
  ring,            // ring
};
BOOST_DESCRIBE_ENUM(Signal, entry_burst, network_burst, young_group, young_influx, shared_network,
                    cadence, equal_age, ring)

[[nodiscard]] Detector detector_of(Signal signal);
// "burst/1": part of what is stored, so that a finding can be told from those of later versions.
[[nodiscard]] std::int32_t version_of(Detector detector);

// A group of votes that a detector points at. Not yet a reason to void them: see `judge`.
struct Finding {
  Signal signal;
  std::optional<std::uint32_t> entry;  // the one entry that the votes are for
  std::string reason;                  // for people
  std::string evidence;                // JSON: what was measured, against which thresholds
  std::vector<std::uint32_t> votes;    // places in Case::votes(), ascending
};

// What led to voiding a vote.
struct Verdict {
  std::uint32_t vote;                   // place in Case::votes()
  Detector detector;                    // the one that says most
  std::string_view reason;              // of static life time
  std::vector<std::uint32_t> findings;  // places in the findings that were judged
};

}  // namespace wildnout::battles::fair_play
