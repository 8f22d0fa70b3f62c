// Drawing brackets: who meets whom, where winners go, when rounds are.
#include "battles/bracket.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "platform/crypto/digest.hpp"

namespace wildnout::battles {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

void append(std::string& out, std::span<const std::uint8_t> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Hash hash_of(const Hash& first, std::span<const EntryId> entries) {
  std::string input;
  append(input, first);
  for (const EntryId& entry : entries) append(input, entry.value.bytes);
  return crypto::sha256(input);
}

std::optional<milliseconds> wanted_length(const Rules& rules) {
  if (rules.round_seconds) return std::chrono::seconds{*rules.round_seconds};
  if (rules.round_hours) return std::chrono::hours{*rules.round_hours};
  return std::nullopt;
}

}  // namespace

std::int32_t bracket_places(std::int32_t entrants) {
  return static_cast<std::int32_t>(entrants < 2
                                       ? static_cast<std::uint32_t>(std::max(entrants, 0))
                                       : std::bit_ceil(static_cast<std::uint32_t>(entrants)));
}

std::int32_t round_count(std::int32_t places) {
  return places < 2 ? 0 : std::countr_zero(static_cast<std::uint32_t>(places));
}

Hash seeding_commitment(const Hash& secret) { return crypto::sha256(crypto::ByteView{secret}); }

std::vector<EntryId> seed_entries(const Hash& secret, std::vector<EntryId> entries) {
  std::sort(entries.begin(), entries.end());
  const Hash draw = hash_of(secret, entries);
  std::vector<std::pair<Hash, EntryId>> drawn;
  drawn.reserve(entries.size());
  for (const EntryId& entry : entries) drawn.emplace_back(hash_of(draw, {&entry, 1}), entry);
  std::sort(drawn.begin(), drawn.end());
  for (std::size_t i = 0; i < drawn.size(); ++i) entries[i] = drawn[i].second;
  return entries;
}

std::vector<std::int32_t> seed_places(std::int32_t places) {
  if (places < 1) return {};
  std::vector<std::int32_t> seeds{1};
  // Each place of the smaller bracket becomes a pairing of the next: its seed against the one that
  // makes their sum the new number of places plus one.
  while (std::cmp_less(seeds.size(), places)) {
    const auto sum = static_cast<std::int32_t>(2 * seeds.size() + 1);
    std::vector<std::int32_t> wider;
    wider.reserve(2 * seeds.size());
    for (const std::int32_t seed : seeds) {
      wider.push_back(seed);
      wider.push_back(sum - seed);
    }
    seeds = std::move(wider);
  }
  return seeds;
}

std::vector<DrawnPairing> draw_pairings(std::int32_t entrants) {
  const std::int32_t places = bracket_places(entrants);
  if (places < 2) return {};
  const auto seeds = seed_places(places);
  std::vector<DrawnPairing> pairings;
  for (std::int32_t position = 0; position < places / 2; ++position) {
    const auto at = static_cast<std::size_t>(2 * position);
    // The better seed of two stands first or second; a bye is shown on side a.
    const auto [better, worse] = std::minmax(seeds[at], seeds[at + 1]);
    DrawnPairing pairing{1, position, better, std::nullopt, worse > entrants};
    if (!pairing.is_bye) pairing.seed_b = worse;
    pairings.push_back(pairing);
  }
  for (std::int32_t round = 2; round <= round_count(places); ++round) {
    for (std::int32_t position = 0; position < places >> round; ++position) {
      pairings.push_back({round, position, std::nullopt, std::nullopt, false});
    }
  }
  const auto second_round = static_cast<std::size_t>(places / 2);
  for (std::size_t i = 0; i < second_round; ++i) {
    const DrawnPairing& first = pairings[i];
    if (!first.is_bye) continue;
    auto& next = pairings[second_round + static_cast<std::size_t>(next_position(first.position))];
    (goes_to_side_a(first.position) ? next.seed_a : next.seed_b) = first.seed_a;
  }
  return pairings;
}

void begin_pairing(Pairing& pairing, const IsThere& is_there) {
  if (pairing.is_bye || pairing.status != PairingStatus::waiting) return;
  const bool has_a = pairing.seed_a && is_there(*pairing.seed_a);
  const bool has_b = pairing.seed_b && is_there(*pairing.seed_b);
  if (has_a && has_b) {
    pairing.status = PairingStatus::voting;
    return;
  }
  pairing.status = PairingStatus::forfeited;
  if (has_a) pairing.winner = pairing.seed_a;
  if (has_b) pairing.winner = pairing.seed_b;
}

void decide_pairing(Pairing& pairing, const IsThere& is_there,
                    const std::map<std::int32_t, std::int32_t>& ranks) {
  if (pairing.status == PairingStatus::forfeited && pairing.winner && !is_there(*pairing.winner)) {
    pairing.winner.reset();
  }
  if (pairing.status != PairingStatus::voting) return;
  const std::int32_t a = *pairing.seed_a;
  const std::int32_t b = *pairing.seed_b;
  const bool has_a = is_there(a);
  const bool has_b = is_there(b);
  if (!has_a || !has_b) {
    pairing.status = PairingStatus::forfeited;
    if (has_a) pairing.winner = a;
    if (has_b) pairing.winner = b;
    return;
  }
  const auto place_of = [&](std::int32_t seed) {
    const auto found = ranks.find(seed);
    const std::int32_t last = std::numeric_limits<std::int32_t>::max();
    return std::pair{found == ranks.end() ? last : found->second, seed};
  };
  pairing.status = PairingStatus::decided;
  pairing.winner = place_of(a) < place_of(b) ? a : b;
}

void seat_winners(const std::vector<Pairing>& round, std::vector<Pairing>& next) {
  for (const Pairing& pairing : round) {
    for (Pairing& after : next) {
      if (after.round != pairing.round + 1) continue;
      if (after.position != next_position(pairing.position)) continue;
      (goes_to_side_a(pairing.position) ? after.seed_a : after.seed_b) = pairing.winner;
    }
  }
}

std::vector<RankedEntry> rank_finishes(std::vector<Finish> finishes) {
  static constexpr std::int32_t last = std::numeric_limits<std::int32_t>::max();
  std::sort(finishes.begin(), finishes.end(), [](const Finish& x, const Finish& y) {
    const auto key = [](const Finish& one) {
      return std::tuple{!one.is_champion, -one.last_round, one.last_rank.value_or(last), one.seed};
    };
    return key(x) < key(y);
  });
  std::int32_t rank = finishes.empty() || finishes.front().is_champion ? 1 : 2;
  std::vector<RankedEntry> ranking;
  ranking.reserve(finishes.size());
  for (Finish& finish : finishes) {
    finish.row.rank = rank++;
    ranking.push_back(std::move(finish.row));
  }
  return ranking;
}

milliseconds round_length(const Rules& rules, const Schedule& times) {
  if (const auto wanted = wanted_length(rules)) return *wanted;
  const std::int32_t rounds = std::max(1, round_count(rules.bracket_size.value_or(2)));
  return duration_cast<milliseconds>(times.voting_end_time - times.voting_start_time) / rounds;
}

void check_rounds(const Rules& rules, const Schedule& times, std::chrono::seconds minimum_phase,
                  Faults& faults) {
  if (!rules.bracket_size) return;
  const std::int32_t rounds = round_count(*rules.bracket_size);
  const milliseconds length = round_length(rules, times);
  const std::string room = std::to_string(rounds) + " rounds of ";
  if (times.voting_start_time + rounds * length > times.voting_end_time) {
    const std::string each = rules.round_seconds
                                 ? std::to_string(*rules.round_seconds) + " s"
                                 : std::to_string(rules.round_hours.value_or(0)) + " h";
    faults.push_back({"/votingEndTime", "must leave room for " + room + each +
                                            " from "
                                            "votingStartTime"});
  } else if (length < minimum_phase) {
    faults.push_back({"/votingEndTime", "must leave room for " + room +
                                            std::to_string(minimum_phase.count()) +
                                            " s from votingStartTime"});
  }
}

}  // namespace wildnout::battles
