// What an entry must be to stand in a battle.
#include "battles/rules.hpp"
#include "platform/text/words.hpp"
#include "platform/values/spelling.hpp"

#include <algorithm>

namespace wildnout::battles {

void check_entry(const Rules& rules, ContentType type, std::string_view body, Faults& faults) {
  const auto& allowed = rules.allowed_content_types;
  if (std::find(allowed.begin(), allowed.end(), type) == allowed.end()) {
    faults.push_back({"/content/type", "is not allowed in this battle"});
  } else if (type != ContentType::text) {
    faults.push_back({"/content/type", std::string{spelled(type)} +
                                           " entries are not supported by this server yet"});
  }
  const std::size_t length = text::length(body);
  if (length < static_cast<std::size_t>(rules.min_text_length) ||
      length > static_cast<std::size_t>(rules.max_text_length)) {
    faults.push_back({"/content/body", "must have " + std::to_string(rules.min_text_length) +
                                           " to " + std::to_string(rules.max_text_length) +
                                           " characters"});
  }
  const auto has_required = text::find_words(body, rules.required_words);
  for (std::size_t i = 0; i < has_required.size(); ++i) {
    if (!has_required[i]) {
      faults.push_back(
          {"/content/body", "must contain the word '" + rules.required_words[i] + "'"});
    }
  }
  const auto has_banned = text::find_words(body, rules.banned_words);
  for (std::size_t i = 0; i < has_banned.size(); ++i) {
    if (has_banned[i]) {
      faults.push_back(
          {"/content/body", "must not contain the word '" + rules.banned_words[i] + "'"});
    }
  }
}

}  // namespace wildnout::battles
