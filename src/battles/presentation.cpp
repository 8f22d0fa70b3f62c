// From rows to what is sent.
#include "battles/presentation.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "battles/reading.hpp"
#include "battles/rules.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {

bool is_tally_hidden(const Rules& rules, Status status) {
  return rules.hide_tally_until_end && next_status(status).has_value();
}

Battle present(const BattleRow& row) {
  Battle battle;
  battle.id = row.id;
  battle.title = row.title;
  battle.description = row.description;
  battle.battle_type = row.battle_type;
  battle.rules = json::read<Rules>(row.rules);
  battle.status = row.status;
  battle.parent_id = row.parent_id;
  battle.round = row.round;
  battle.creator_id = row.creator_id;
  battle.creator = {row.creator_id, row.creator_name, row.creator_avatar};
  battle.start_time = row.start_time;
  battle.end_time = row.end_time;
  battle.voting_start_time = row.voting_start_time;
  battle.voting_end_time = row.voting_end_time;
  battle.featured = row.featured;
  battle.is_demo = row.is_demo;
  battle.participant_count = row.participant_count;
  battle.entry_count = row.entry_count;
  if (!is_tally_hidden(battle.rules, row.status)) battle.vote_count = row.vote_count;
  battle.created_at = row.created_at;
  battle.updated_at = row.updated_at;
  return battle;
}

Entry present(const EntryRow& row) {
  Entry entry;
  entry.id = row.id;
  entry.battle_id = row.battle_id;
  entry.user_id = row.user_id;
  entry.author = {row.user_id, row.author_name, row.author_avatar};
  entry.content = {row.content_type, row.body, {}};
  entry.status = row.status;
  entry.moderation = {row.moderation_status, row.moderation_reason};
  entry.metrics = {row.view_count, std::nullopt, row.comment_count, row.share_count};
  if (!row.is_tally_hidden) entry.metrics.vote_count = row.vote_count;
  entry.rank = row.rank;
  entry.submission_time = row.submission_time;
  entry.created_at = row.created_at;
  entry.updated_at = row.updated_at;
  return entry;
}

Vote present(const VoteRow& row) {
  const Hash leaf = vote_leaf(row.id, row.entry_id, row.weight, row.created_at, row.salt);
  return {row.id, row.battle_id, row.entry_id, row.weight, row.created_at, crypto::hex(leaf)};
}

Results present(BattleId battle, const ResultsRow& row) {
  return {battle,
          row.state,
          row.completed_at,
          row.certifies_at,
          row.certified_at,
          row.total_votes,
          json::read<std::vector<RankedEntry>>(row.ranking),
          row.voided_votes,
          json::read<std::vector<ReasonCount>>(row.voided_by_reason),
          row.rules_hash,
          row.ballots_hash,
          row.merkle_root,
          row.algorithm};
}

Viewer present(const ViewerRow& viewer, const ReadyBattle& battle) {
  // Approved entries that the viewer has not voted for and may vote for.
  const auto used = static_cast<std::int32_t>(viewer.voted_entry_ids.size());
  const std::int32_t own = battle.allow_self_vote ? 0 : viewer.own_entries;
  std::int32_t left = std::max(0, battle.entry_count - own - used);
  if (battle.votes_per_user) left = std::min(left, std::max(0, *battle.votes_per_user - used));
  if (!next_status(battle.status) || battle.is_tournament) left = 0;
  return {viewer.entry_id, viewer.voted_entry_ids, left};
}

std::string etag_of(std::int32_t version, std::string_view content) {
  // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Tells contents apart; no secret.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return std::to_string(version) + "-" + std::string{digits.data(), end};
}

std::optional<std::int32_t> version_wanted(std::string_view if_match) {
  if (if_match.empty() || if_match == "*") return std::nullopt;
  if (if_match.starts_with('"')) if_match.remove_prefix(1);
  std::int32_t version = 0;
  const auto read = std::from_chars(if_match.data(), if_match.data() + if_match.size(), version);
  constexpr std::int32_t no_version = -1;  // a tag that is none of ours matches nothing
  return read.ec == std::errc{} ? version : no_version;
}

}  // namespace wildnout::battles
