// What battles are made of: the kinds, the rules, what clients send and see.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/time.hpp"

namespace wildnout::battles {

enum class BattleType { wild_style, pick_up_kill_it, r_and_beef, tournament };
BOOST_DESCRIBE_ENUM(BattleType, wild_style, pick_up_kill_it, r_and_beef, tournament)

enum class Status { upcoming, active, voting, completed, cancelled };
BOOST_DESCRIBE_ENUM(Status, upcoming, active, voting, completed, cancelled)

enum class ContentType { text, image, audio, video, mixed };
BOOST_DESCRIBE_ENUM(ContentType, text, image, audio, video, mixed)

enum class VoteWeighting { equal, token };
BOOST_DESCRIBE_ENUM(VoteWeighting, equal, token)

enum class TieBreaker { votes, weighted_votes, unique_voters, earliest_lead, earliest_submission };
BOOST_DESCRIBE_ENUM(TieBreaker, votes, weighted_votes, unique_voters, earliest_lead,
                    earliest_submission)

enum class EntryStatus { draft, submitted, withdrawn, removed };
BOOST_DESCRIBE_ENUM(EntryStatus, draft, submitted, withdrawn, removed)

enum class ModerationStatus { pending, approved, rejected };
BOOST_DESCRIBE_ENUM(ModerationStatus, pending, approved, rejected)

enum class StepCause { created, schedule, forced, cancelled };
BOOST_DESCRIBE_ENUM(StepCause, created, schedule, forced, cancelled)

// The rules of a battle, complete: what was left out has its type's default.
struct Rules {
  std::vector<ContentType> allowed_content_types;
  std::int32_t max_text_length;  // code points after NFC
  std::int32_t min_text_length;
  std::int32_t max_media_seconds;
  std::vector<std::string> required_words;
  std::vector<std::string> banned_words;
  std::int32_t max_entries;
  std::int32_t entries_per_user;
  std::optional<std::int32_t> votes_per_user;  // none: one for each entry
  bool allow_vote_retraction;
  bool allow_self_vote;
  VoteWeighting vote_weighting;
  std::optional<std::string> min_token_to_enter;  // base units
  std::optional<std::string> min_token_to_vote;
  std::int32_t min_account_age_hours;
  bool hide_tally_until_end;
  std::vector<TieBreaker> tie_breakers;
  std::optional<std::int32_t> bracket_size;
  std::optional<std::int32_t> round_hours;
  std::optional<std::int32_t> round_seconds;  // in place of hours, in development alone
};
BOOST_DESCRIBE_STRUCT(Rules, (),
                      (allowed_content_types, max_text_length, min_text_length, max_media_seconds,
                       required_words, banned_words, max_entries, entries_per_user, votes_per_user,
                       allow_vote_retraction, allow_self_vote, vote_weighting, min_token_to_enter,
                       min_token_to_vote, min_account_age_hours, hide_tally_until_end, tie_breakers,
                       bracket_size, round_hours, round_seconds))

// Rules as they are sent: everything may be left out; null takes the default again.
struct RulesRequest {
  Patch<List<ContentType, 5>> allowed_content_types;
  Patch<Number<1, 20000>> max_text_length;
  Patch<Number<0, 20000>> min_text_length;
  Patch<Number<1, 600>> max_media_seconds;
  Patch<List<Text<1, 50>, 50>> required_words;
  Patch<List<Text<1, 50>, 500>> banned_words;
  Patch<Number<1, 10000>> max_entries;
  Patch<Number<1, 100>> entries_per_user;
  Patch<Number<1, 10000>> votes_per_user;
  Patch<bool> allow_vote_retraction;
  Patch<bool> allow_self_vote;
  Patch<VoteWeighting> vote_weighting;
  Patch<Text<1, 20>> min_token_to_enter;
  Patch<Text<1, 20>> min_token_to_vote;
  Patch<Number<0, 8760>> min_account_age_hours;
  Patch<bool> hide_tally_until_end;
  Patch<List<TieBreaker, 5>> tie_breakers;
  Patch<Number<4, 64>> bracket_size;
  Patch<Number<1, 168>> round_hours;
  Patch<Number<1, 604800>> round_seconds;
};
BOOST_DESCRIBE_STRUCT(RulesRequest, (),
                      (allowed_content_types, max_text_length, min_text_length, max_media_seconds,
                       required_words, banned_words, max_entries, entries_per_user, votes_per_user,
                       allow_vote_retraction, allow_self_vote, vote_weighting, min_token_to_enter,
                       min_token_to_vote, min_account_age_hours, hide_tally_until_end, tie_breakers,
                       bracket_size, round_hours, round_seconds))

struct CreateBattle {
  Text<3, 120> title;
  std::optional<Text<0, 2000>> description;
  BattleType battle_type;
  std::optional<RulesRequest> rules;
  Timestamp start_time;
  Timestamp end_time;
  std::optional<Timestamp> voting_start_time;  // end_time when left out
  Timestamp voting_end_time;
  std::optional<bool> featured;
};
BOOST_DESCRIBE_STRUCT(CreateBattle, (),
                      (title, description, battle_type, rules, start_time, end_time,
                       voting_start_time, voting_end_time, featured))

struct UpdateBattle {
  std::optional<Text<3, 120>> title;
  Patch<Text<0, 2000>> description;
  std::optional<RulesRequest> rules;
  std::optional<Timestamp> start_time;
  std::optional<Timestamp> end_time;
  std::optional<Timestamp> voting_start_time;
  std::optional<Timestamp> voting_end_time;
  std::optional<bool> featured;
};
BOOST_DESCRIBE_STRUCT(UpdateBattle, (),
                      (title, description, rules, start_time, end_time, voting_start_time,
                       voting_end_time, featured))

struct ForceStep {
  Status to;
  Text<3, 500> reason;
};
BOOST_DESCRIBE_STRUCT(ForceStep, (), (to, reason))

struct Person {
  UserId id;
  std::string display_name;
  std::optional<std::string> avatar_url;
};
BOOST_DESCRIBE_STRUCT(Person, (), (id, display_name, avatar_url))

struct Battle {
  BattleId id;
  std::string title;
  std::string description;
  BattleType battle_type;
  Rules rules;
  Status status;
  UserId creator_id;
  Person creator;
  Timestamp start_time;
  Timestamp end_time;
  Timestamp voting_start_time;
  Timestamp voting_end_time;
  bool featured;
  bool is_demo;
  std::int32_t participant_count;
  std::int32_t entry_count;                // approved ones
  std::optional<std::int64_t> vote_count;  // null while rules.hideTallyUntilEnd hides it
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(Battle, (),
                      (id, title, description, battle_type, rules, status, creator_id, creator,
                       start_time, end_time, voting_start_time, voting_end_time, featured, is_demo,
                       participant_count, entry_count, vote_count, created_at, updated_at))

// What a signed-in caller has to do with a battle.
struct Viewer {
  std::optional<EntryId> entry_id;  // the newest submitted one, else the newest draft
  std::vector<EntryId> voted_entry_ids;
  std::int32_t votes_left;
};
BOOST_DESCRIBE_STRUCT(Viewer, (), (entry_id, voted_entry_ids, votes_left))

// The members of Battle, and the caller's part for a signed-in one.
struct BattleWithViewer : Battle {
  Omittable<Viewer> viewer;
};
BOOST_DESCRIBE_STRUCT(BattleWithViewer, (Battle), (viewer))

enum class BattleSort { ending_soon, newest, most_votes, trending };
BOOST_DESCRIBE_ENUM(BattleSort, ending_soon, newest, most_votes, trending)

struct HistoryStep {
  std::optional<Status> from;
  Status to;
  Timestamp at;
  StepCause cause;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(HistoryStep, (), (from, to, at, cause, reason))

struct EntryContentRequest {
  ContentType type;
  std::optional<Text<0, 20000>> body;
  std::optional<List<Text<1, 64>, 10>> media_ids;
};
BOOST_DESCRIBE_STRUCT(EntryContentRequest, (), (type, body, media_ids))

struct CreateEntry {
  EntryContentRequest content;
  std::optional<bool> draft;
};
BOOST_DESCRIBE_STRUCT(CreateEntry, (), (content, draft))

struct UpdateEntry {
  EntryContentRequest content;
};
BOOST_DESCRIBE_STRUCT(UpdateEntry, (), (content))

struct EntryContent {
  ContentType type;
  std::string body;
  std::vector<std::string> media;  // none until media have their issue
};
BOOST_DESCRIBE_STRUCT(EntryContent, (), (type, body, media))

struct Moderation {
  ModerationStatus status;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Moderation, (), (status, reason))

struct EntryMetrics {
  std::int64_t view_count;
  std::optional<std::int64_t> vote_count;  // null while hidden
  std::int64_t comment_count;
  std::int64_t share_count;
};
BOOST_DESCRIBE_STRUCT(EntryMetrics, (), (view_count, vote_count, comment_count, share_count))

struct Entry {
  EntryId id;
  BattleId battle_id;
  UserId user_id;
  Person author;
  EntryContent content;
  EntryStatus status;
  Moderation moderation;
  EntryMetrics metrics;
  std::optional<std::int32_t> rank;  // after completion
  std::optional<Timestamp> submission_time;
  Timestamp created_at;
  Timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(Entry, (),
                      (id, battle_id, user_id, author, content, status, moderation, metrics, rank,
                       submission_time, created_at, updated_at))

enum class EntrySort { newest, top, random };
BOOST_DESCRIBE_ENUM(EntrySort, newest, top, random)

// A few entries for a voter to judge, in random order; without counts of votes.
struct DealtBallot {
  BattleId battle_id;
  std::vector<Entry> items;
};
BOOST_DESCRIBE_STRUCT(DealtBallot, (), (battle_id, items))

struct CastVote {
  EntryId entry_id;
};
BOOST_DESCRIBE_STRUCT(CastVote, (), (entry_id))

struct Vote {
  VoteId id;
  BattleId battle_id;
  EntryId entry_id;
  std::int64_t weight;
  Timestamp created_at;
  std::string receipt;  // the vote's leaf, hex: contract section 6, "Proofs"
};
BOOST_DESCRIBE_STRUCT(Vote, (), (id, battle_id, entry_id, weight, created_at, receipt))

struct TallyEntry {
  EntryId entry_id;
  std::int64_t votes;
  std::int32_t rank;  // equals share a rank
};
BOOST_DESCRIBE_STRUCT(TallyEntry, (), (entry_id, votes, rank))

struct Tally {
  BattleId battle_id;
  Status status;
  std::optional<std::int64_t> total_votes;         // null while hidden
  std::optional<std::vector<TallyEntry>> entries;  // null while hidden
  Timestamp as_of;
};
BOOST_DESCRIBE_STRUCT(Tally, (), (battle_id, status, total_votes, entries, as_of))

struct TieBreak {
  std::string by;     // a TieBreaker's name, or "draw"
  std::string value;  // what decided: a number, a time, or the draw's hash
};
BOOST_DESCRIBE_STRUCT(TieBreak, (), (by, value))

struct RankedEntry {
  std::int32_t rank;
  EntryId entry_id;
  UserId user_id;
  std::int64_t votes;
  std::int64_t weighted_votes;
  std::int64_t unique_voters;
  std::optional<Timestamp> last_vote_at;  // null without a vote
  Timestamp submission_time;
  // How often the entry was dealt to voters to judge; null where no ballot of the battle was dealt.
  // Votes for each of them to four decimals, null without any.
  std::optional<std::int64_t> impressions;
  std::optional<double> votes_per_impression;
  std::optional<TieBreak> tie_break;  // null where votes alone decided
};
BOOST_DESCRIBE_STRUCT(RankedEntry, (),
                      (rank, entry_id, user_id, votes, weighted_votes, unique_voters, last_vote_at,
                       submission_time, impressions, votes_per_impression, tie_break))

enum class ResultsState { provisional, certified };
BOOST_DESCRIBE_ENUM(ResultsState, provisional, certified)

struct ReasonCount {
  std::string reason;
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(ReasonCount, (), (reason, count))

// The hashes are written down in docs/verifiable-results.md.
struct Results {
  BattleId battle_id;
  ResultsState state;
  Timestamp completed_at;
  std::optional<Timestamp> certifies_at;  // null when certified
  std::optional<Timestamp> certified_at;  // null while provisional
  std::int64_t total_votes;
  std::vector<RankedEntry> ranking;
  std::int64_t voided_votes;
  std::vector<ReasonCount> voided_by_reason;  // by reason
  std::string rules_hash;                     // hex, as the next two
  std::string ballots_hash;
  std::string merkle_root;
  std::string algorithm;
};
BOOST_DESCRIBE_STRUCT(Results, (),
                      (battle_id, state, completed_at, certifies_at, certified_at, total_votes,
                       ranking, voided_votes, voided_by_reason, rules_hash, ballots_hash,
                       merkle_root, algorithm))

}  // namespace wildnout::battles
