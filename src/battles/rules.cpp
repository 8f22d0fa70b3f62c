// Defaults and validation of battles' rules and times.
#include "battles/rules.hpp"

#include <algorithm>

#include "platform/text/words.hpp"

namespace wildnout::battles {
namespace {

void fault(Faults& faults, std::string path, std::string_view message) {
  faults.push_back({std::move(path), std::string{message}});
}

// Takes a sent value over: null means the type's default again.
template <class Target, class Sent>
void take(Target& target, const Target& standard, const Patch<Sent>& sent) {
  if (!sent.is_present()) return;
  if (!sent.value()) {
    target = standard;
  } else if constexpr (Constrained<Sent>) {
    target = sent.value()->raw();
  } else {
    target = *sent.value();
  }
}

template <std::size_t Max>
void take_words(std::vector<std::string>& target, const Patch<List<Text<1, 50>, Max>>& sent) {
  if (!sent.is_present()) return;
  target.clear();
  if (!sent.value()) return;
  for (const auto& word : *sent.value()) target.push_back(word.raw());
}

template <class T>
bool has_repeats(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

std::string place_of(std::string_view list, std::size_t index) {
  return "/rules/" + std::string{list} + '/' + std::to_string(index);
}

// Words that no entry could meet, or that no entry could break, are mistakes of who wrote them.
void check_words(const Rules& rules, Faults& faults) {
  constexpr std::string_view nothing = "must have a letter, a digit or an emoji";
  for (std::size_t i = 0; i < rules.banned_words.size(); ++i) {
    if (!text::has_words(rules.banned_words[i])) fault(faults, place_of("bannedWords", i), nothing);
  }
  for (std::size_t i = 0; i < rules.required_words.size(); ++i) {
    const std::string& word = rules.required_words[i];
    if (!text::has_words(word)) {
      fault(faults, place_of("requiredWords", i), nothing);
    } else if (text::length(word) > static_cast<std::size_t>(rules.max_text_length)) {
      fault(faults, place_of("requiredWords", i), "must not be longer than maxTextLength");
    }
    const auto banned = text::find_words(word, rules.banned_words);
    if (std::find(banned.begin(), banned.end(), true) != banned.end()) {
      fault(faults, place_of("requiredWords", i), "must not have a banned word in it");
    }
  }
}

void check_bracket(BattleType type, const Rules& rules, Faults& faults) {
  if (type != BattleType::tournament) {
    if (rules.bracket_size) fault(faults, "/rules/bracketSize", "is for tournaments alone");
    if (rules.round_hours) fault(faults, "/rules/roundHours", "is for tournaments alone");
    if (rules.round_seconds) fault(faults, "/rules/roundSeconds", "is for tournaments alone");
    return;
  }
  if (rules.round_hours && rules.round_seconds) {
    fault(faults, "/rules/roundSeconds", "stands in for roundHours: not both");
  }
  if (rules.entries_per_user != 1) {
    fault(faults, "/rules/entriesPerUser", "must be 1 for a tournament");
  }
  constexpr std::array sizes{4, 8, 16, 32, 64};
  if (!rules.bracket_size) {
    fault(faults, "/rules/bracketSize", "is needed for a tournament");
  } else if (std::find(sizes.begin(), sizes.end(), *rules.bracket_size) == sizes.end()) {
    fault(faults, "/rules/bracketSize", "must be 4, 8, 16, 32 or 64");
  } else if (rules.max_entries > *rules.bracket_size) {
    fault(faults, "/rules/maxEntries", "must not be above bracketSize");
  }
}

void check_rules(BattleType type, const Rules& rules, Faults& faults) {
  if (rules.min_text_length > rules.max_text_length) {
    fault(faults, "/rules/minTextLength", "must not be above maxTextLength");
  }
  if (rules.allowed_content_types.empty()) {
    fault(faults, "/rules/allowedContentTypes", "must name at least one type");
  }
  if (has_repeats(rules.allowed_content_types)) {
    fault(faults, "/rules/allowedContentTypes", "must not repeat a type");
  }
  if (has_repeats(rules.tie_breakers)) {
    fault(faults, "/rules/tieBreakers", "must not repeat a tie-breaker");
  }
  if (type == BattleType::pick_up_kill_it && rules.required_words.empty()) {
    fault(faults, "/rules/requiredWords", "are needed for pickUpKillIt");
  }
  check_words(rules, faults);
  // Refused until their issues, rather than taken and not kept.
  if (rules.vote_weighting == VoteWeighting::token) {
    fault(faults, "/rules/voteWeighting", "token weights are not supported by this server yet");
  }
  if (rules.min_token_to_enter) {
    fault(faults, "/rules/minTokenToEnter", "token gates are not supported by this server yet");
  }
  if (rules.min_token_to_vote) {
    fault(faults, "/rules/minTokenToVote", "token gates are not supported by this server yet");
  }
  check_bracket(type, rules, faults);
}

}  // namespace

Rules default_rules(BattleType type) {
  Rules rules{};
  rules.allowed_content_types = {ContentType::text, ContentType::audio, ContentType::video};
  rules.max_text_length = 2000;
  rules.min_text_length = 1;
  rules.max_media_seconds = 180;
  rules.max_entries = 1000;
  rules.entries_per_user = 1;
  rules.vote_weighting = VoteWeighting::equal;
  rules.tie_breakers = {TieBreaker::votes, TieBreaker::unique_voters, TieBreaker::earliest_lead,
                        TieBreaker::earliest_submission};
  switch (type) {
    case BattleType::wild_style:
      rules.allowed_content_types = {ContentType::text, ContentType::image, ContentType::audio,
                                     ContentType::video, ContentType::mixed};
      break;
    case BattleType::pick_up_kill_it:
      rules.max_text_length = 1000;
      break;
    case BattleType::r_and_beef:
      rules.allowed_content_types = {ContentType::audio, ContentType::video, ContentType::text};
      break;
    case BattleType::tournament:
      rules.max_entries = 64;
      break;
  }
  return rules;
}

Rules apply_rules(BattleType type, Rules base, const RulesRequest& sent, Faults& faults) {
  const Rules standard = default_rules(type);
  Rules rules = std::move(base);
  take(rules.allowed_content_types, standard.allowed_content_types, sent.allowed_content_types);
  take(rules.max_text_length, standard.max_text_length, sent.max_text_length);
  take(rules.min_text_length, standard.min_text_length, sent.min_text_length);
  take(rules.max_media_seconds, standard.max_media_seconds, sent.max_media_seconds);
  take_words(rules.required_words, sent.required_words);
  take_words(rules.banned_words, sent.banned_words);
  take(rules.max_entries, standard.max_entries, sent.max_entries);
  take(rules.entries_per_user, standard.entries_per_user, sent.entries_per_user);
  take(rules.votes_per_user, standard.votes_per_user, sent.votes_per_user);
  take(rules.allow_vote_retraction, standard.allow_vote_retraction, sent.allow_vote_retraction);
  take(rules.allow_self_vote, standard.allow_self_vote, sent.allow_self_vote);
  take(rules.vote_weighting, standard.vote_weighting, sent.vote_weighting);
  take(rules.min_token_to_enter, standard.min_token_to_enter, sent.min_token_to_enter);
  take(rules.min_token_to_vote, standard.min_token_to_vote, sent.min_token_to_vote);
  take(rules.min_account_age_hours, standard.min_account_age_hours, sent.min_account_age_hours);
  take(rules.hide_tally_until_end, standard.hide_tally_until_end, sent.hide_tally_until_end);
  take(rules.tie_breakers, standard.tie_breakers, sent.tie_breakers);
  take(rules.bracket_size, standard.bracket_size, sent.bracket_size);
  take(rules.round_hours, standard.round_hours, sent.round_hours);
  take(rules.round_seconds, standard.round_seconds, sent.round_seconds);
  // A tournament has as many entries as its bracket unless its creator wants fewer.
  if (type == BattleType::tournament && rules.bracket_size && !sent.max_entries.is_present()) {
    rules.max_entries = std::min(rules.max_entries, *rules.bracket_size);
  }
  check_rules(type, rules, faults);
  return rules;
}

void check_schedule(const Schedule& times, Timestamp now, std::chrono::seconds minimum_phase,
                    Faults& faults) {
  const std::string too_short =
      "must leave a phase of at least " + std::to_string(minimum_phase.count()) + " s";
  if (times.start_time < now - late_start_allowance) {
    fault(faults, "/startTime", "must not be more than 5 minutes in the past");
  }
  if (times.end_time < times.start_time + minimum_phase) {
    fault(faults, "/endTime",
          times.end_time <= times.start_time ? "must be after startTime" : too_short);
  } else if (times.end_time <= now) {
    fault(faults, "/endTime", "must be in the future");
  }
  if (times.voting_start_time < times.end_time) {
    fault(faults, "/votingStartTime", "must not be before endTime");
  }
  if (times.voting_end_time < times.voting_start_time + minimum_phase) {
    fault(faults, "/votingEndTime",
          times.voting_end_time <= times.voting_start_time ? "must be after votingStartTime"
                                                           : too_short);
  }
  if (times.voting_end_time > times.start_time + longest_battle) {
    fault(faults, "/votingEndTime", "must be within 90 days of startTime");
  }
}

std::optional<Status> next_status(Status status) {
  switch (status) {
    case Status::upcoming:
      return Status::active;
    case Status::active:
      return Status::voting;
    case Status::voting:
      return Status::completed;
    case Status::completed:
    case Status::cancelled:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace wildnout::battles
