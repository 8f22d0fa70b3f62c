// Judging usernames.
#include "identity/usernames.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "platform/text/confusables.hpp"
#include "platform/values/constraints.hpp"

namespace wildnout::identity {
namespace {

// Those who speak for the house, those that stand in addresses, and those that programs print.
constexpr std::array<std::string_view, 40> reserved_words{
    "about",      "account",   "admin",     "administrator", "anonymous", "api",      "arena",
    "auth",       "battle",    "battles",   "billing",       "bot",       "deleted",  "everyone",
    "feedback",   "help",      "here",      "house",         "info",      "judge",    "login",
    "logout",     "me",        "mod",       "moderator",     "null",      "official", "owner",
    "postmaster", "root",      "security",  "service",       "settings",  "staff",    "support",
    "system",     "undefined", "webmaster", "wildnout",      "wildnouthq"};

std::string without_separators(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return c != '_' && c != '-' && c != '.'; });
  return out;
}

}  // namespace

std::string username_key(std::string_view username) { return text::look_of(username); }

std::string username_fault(std::string& username) {
  std::string fault = checks::text(username, min_username, max_username);
  if (!fault.empty()) return fault;
  if (!text::is_plain_name(username)) {
    return "must be of letters and digits, with _, - and . between them";
  }
  if (text::is_suspicious(username)) return "must not mix letters of different scripts";
  if (is_reserved(username)) return "must not be a reserved word";
  return {};
}

bool is_reserved(std::string_view username) {
  static const std::set<std::string> looks = [] {
    std::set<std::string> made;
    for (const std::string_view word : reserved_words) made.insert(text::look_of(word));
    return made;
  }();
  return looks.contains(text::look_of(without_separators(username)));
}

}  // namespace wildnout::identity
