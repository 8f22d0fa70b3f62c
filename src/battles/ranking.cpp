// Ranking and the hashes behind it: pure functions of the counted votes.
#include <algorithm>

#include "battles/rules.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/crypto/merkle.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::battles {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
}

void append_id(std::string& out, const Uuid& id) {
  out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

Hash draw_of(const Hash& root, EntryId entry) {
  std::string input{reinterpret_cast<const char*>(root.data()), root.size()};
  append_id(input, entry.value);
  return crypto::sha256(input);
}

// A standing with its draw made once.
struct Candidate {
  Standing standing;
  Hash draw;
};

// Below zero when `a` comes first by this step of the chain.
int compare_by(TieBreaker step, const Standing& a, const Standing& b) {
  const auto higher_first = [](std::int64_t x, std::int64_t y) { return x > y ? -1 : x < y; };
  const auto earlier_first = [](Timestamp x, Timestamp y) { return x < y ? -1 : x > y; };
  switch (step) {
    case TieBreaker::votes:
      return higher_first(a.votes, b.votes);
    case TieBreaker::weighted_votes:
      return higher_first(a.weighted_votes, b.weighted_votes);
    case TieBreaker::unique_voters:
      return higher_first(a.unique_voters, b.unique_voters);
    case TieBreaker::earliest_lead:
      // Without a vote there is no lead: entries of equal votes both have one or both have none.
      return earlier_first(a.last_vote_at.value_or(Timestamp::max()),
                           b.last_vote_at.value_or(Timestamp::max()));
    case TieBreaker::earliest_submission:
      return earlier_first(a.submission_time, b.submission_time);
  }
  return 0;
}

// The first step that tells the two apart; the length of the chain when only the draw does.
std::size_t deciding_step(std::span<const TieBreaker> chain, const Standing& a, const Standing& b) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (compare_by(chain[i], a, b) != 0) return i;
  }
  return chain.size();
}

std::string value_of(TieBreaker step, const Standing& standing) {
  switch (step) {
    case TieBreaker::votes:
      return std::to_string(standing.votes);
    case TieBreaker::weighted_votes:
      return std::to_string(standing.weighted_votes);
    case TieBreaker::unique_voters:
      return std::to_string(standing.unique_voters);
    case TieBreaker::earliest_lead:
      return standing.last_vote_at ? text_of(*standing.last_vote_at) : "none";
    case TieBreaker::earliest_submission:
      return text_of(standing.submission_time);
  }
  return {};
}

// How this candidate was told apart from its equals by votes: the latest step that it took against
// a neighbour of the same votes.
std::optional<TieBreak> tie_break_of(std::span<const TieBreaker> chain,
                                     const std::vector<Candidate>& order, std::size_t at) {
  std::optional<std::size_t> latest;
  for (const std::size_t other : {at - 1, at + 1}) {
    if (other >= order.size()) continue;
    if (order[other].standing.votes != order[at].standing.votes) continue;
    const std::size_t step = deciding_step(chain, order[other].standing, order[at].standing);
    latest = std::max(latest.value_or(0), step);
  }
  if (!latest) return std::nullopt;
  if (*latest == chain.size()) return TieBreak{"draw", crypto::hex(order[at].draw)};
  return TieBreak{std::string{spelled(chain[*latest])},
                  value_of(chain[*latest], order[at].standing)};
}

}  // namespace

std::vector<RankedEntry> rank_entries(std::vector<Standing> standings,
                                      std::span<const TieBreaker> chain, const Hash& root) {
  std::vector<Candidate> order;
  order.reserve(standings.size());
  for (Standing& standing : standings) {
    const Hash draw = draw_of(root, standing.entry_id);
    order.push_back({std::move(standing), draw});
  }
  std::sort(order.begin(), order.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.standing.votes != b.standing.votes) return a.standing.votes > b.standing.votes;
    for (const TieBreaker step : chain) {
      const int verdict = compare_by(step, a.standing, b.standing);
      if (verdict != 0) return verdict < 0;
    }
    return a.draw < b.draw;
  });
  std::vector<RankedEntry> ranking;
  ranking.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Standing& standing = order[i].standing;
    ranking.push_back({static_cast<std::int32_t>(i + 1), standing.entry_id, standing.user_id,
                       standing.votes, standing.weighted_votes, standing.unique_voters,
                       standing.last_vote_at, standing.submission_time, std::nullopt, std::nullopt,
                       tie_break_of(chain, order, i)});
  }
  return ranking;
}

void rank_tally(std::vector<TallyEntry>& entries) {
  std::sort(entries.begin(), entries.end(), [](const TallyEntry& a, const TallyEntry& b) {
    return a.votes != b.votes ? a.votes > b.votes : a.entry_id < b.entry_id;
  });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool ties = i > 0 && entries[i].votes == entries[i - 1].votes;
    entries[i].rank = ties ? entries[i - 1].rank : static_cast<std::int32_t>(i + 1);
  }
}

Hash vote_leaf(VoteId vote, EntryId entry, std::int64_t weight, Timestamp created_at,
               const Uuid& salt) {
  std::string input;
  input.reserve(65);
  input += '\x01';  // the leaf's version
  append_id(input, vote.value);
  append_id(input, entry.value);
  append_number(input, static_cast<std::uint64_t>(weight));
  append_number(input, static_cast<std::uint64_t>(created_at.time_since_epoch().count()));
  append_id(input, salt);
  return crypto::leaf_hash(input);
}

}  // namespace wildnout::battles
