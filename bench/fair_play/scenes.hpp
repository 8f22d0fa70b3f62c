// Battles made up for measuring the detectors: honest crowds of every kind, and organised voting.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "battles/fair_play/facts.hpp"

namespace wildnout::bench {

// What a battle's organised votes are like; `none` for an honest one.
enum class Attack : std::uint8_t {
  none,
  ring_behind_address,  // fresh accounts, one address, two seconds
  farm_of_addresses,    // fresh accounts, an address each, two seconds
  steady_drip,          // one address, equal gaps
  register_and_vote,    // one address, a program that registers and votes in one go
  authors_ring,         // entrants who vote for each other alone
  patient_farm,         // fresh accounts, one address, over an hour like people
  old_accounts,         // bought accounts, one address, two seconds
  hidden_farm,          // old accounts, an address each, over an hour: looks like anyone
};
inline constexpr std::size_t attack_count = 9;
[[nodiscard]] std::string_view name_of(Attack attack);

struct Scene {
  battles::fair_play::BattleFacts facts;
  std::vector<bool> is_organised;  // by place in facts.votes
};

// One battle of an hour's voting with 2 to 40 entries and 200 to 3,000 honest voters: carriers that
// hide many behind one address, campuses, classes of a friend, streamers' calls, countdowns, stalls
// and crowds of new accounts, each in some of the battles. The same seed makes the same battle on
// any machine.
[[nodiscard]] Scene make_scene(Attack attack, std::uint64_t seed);

}  // namespace wildnout::bench
