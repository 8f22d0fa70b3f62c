// Which usernames may be had, and which are too much alike: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wildnout::identity {

inline constexpr std::size_t min_username = 3;  // code points
inline constexpr std::size_t max_username = 30;

// Two usernames of one key are never held at once.
[[nodiscard]] std::string username_key(std::string_view username);

// What is wrong with a username that somebody wants ("must be …"), or an empty text. Brings it to
// NFC.
[[nodiscard]] std::string username_fault(std::string& username);

// The look of a word that stands for the house itself, also with separators in it.
[[nodiscard]] bool is_reserved(std::string_view username);

}  // namespace wildnout::identity
