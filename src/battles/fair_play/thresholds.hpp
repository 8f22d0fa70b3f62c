// The numbers that detectors compare with; docs/fair-play.md says where each comes from.
#pragma once

#include <chrono>
#include <cstddef>

namespace wildnout::battles::fair_play {

using std::chrono::milliseconds;

// A probability p is judged by log10(p): chance would do this once in 10^-x battles.
inline constexpr double burst_log_chance = -9;
inline constexpr double timing_log_chance = -9;
inline constexpr double influx_log_chance = -6;
inline constexpr double network_log_chance = -3;
inline constexpr double ring_log_chance = -6;

// burst: nobody taps faster than this together unless told to by a program, a countdown or a stall.
inline constexpr milliseconds burst_window{2000};
inline constexpr milliseconds short_burst_window{500};
// Around a window others' votes are counted too: votes of one stall are written at one instant.
inline constexpr milliseconds burst_margin{500};
// A call by a streamer rises and falls within tens of seconds; a script has no slopes.
inline constexpr milliseconds burst_surroundings{30000};
inline constexpr milliseconds shortest_battle{60000};  // a rate is not told from less
inline constexpr std::size_t least_entry_burst = 20;   // votes
inline constexpr std::size_t least_network_burst = 10;
inline constexpr double entry_burst_factor = 5;  // times what was to be expected
// Behind one address: so many of a burst are its cause and not among those who were there.
inline constexpr std::size_t least_burst_network = 5;

// youngAccounts
inline constexpr std::chrono::hours young_account{24};
inline constexpr std::size_t least_young = 10;
inline constexpr double young_group_share = 0.8;
inline constexpr double influx_common_share = 0.5;  // where more are young, it says nothing
inline constexpr std::size_t least_others = 20;     // votes to compare with

// sharedNetwork
inline constexpr std::size_t least_shared = 10;  // voters
inline constexpr double shared_one_entry_share = 0.8;

// identicalTiming
inline constexpr std::size_t least_cadence = 12;       // votes
inline constexpr milliseconds shortest_cadence{1000};  // below it is a burst's question
inline constexpr milliseconds cadence_tolerance{100};  // of a gap, or a twentieth of it
inline constexpr double cadence_relative_tolerance = 0.05;
inline constexpr std::size_t least_equal_age = 10;  // votes
inline constexpr milliseconds equal_age_window{1000};

// ring
inline constexpr std::size_t least_ring = 3;              // accounts
inline constexpr std::int64_t least_ring_votes = 2;       // of each
inline constexpr std::size_t most_ring_accounts = 20000;  // looked at in one battle

}  // namespace wildnout::battles::fair_play
