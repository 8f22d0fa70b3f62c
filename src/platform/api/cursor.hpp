// Opaque positions in lists: sealed, so that a client can neither forge one nor use it elsewhere.
#pragma once

#include <string>
#include <string_view>

#include "platform/api/refusal.hpp"
#include "platform/json/json.hpp"

namespace wildnout::api {

inline constexpr std::size_t max_cursor_characters = 1024;

// Seals the sort key of a page's last row together with the name of its list (Query::list()). A
// cursor is base64url of 16 bytes of HMAC-SHA256 and the position's JSON: not secret, not
// forgeable.
class Cursors {
 public:
  // The key must be the same on every node; it is not kept in the clear elsewhere.
  explicit Cursors(std::string key) : key_{std::move(key)} {}

  template <class Position>
  [[nodiscard]] std::string seal(const Position& position, std::string_view list) const {
    return seal_text(json::text_of(position), list);
  }

  // Throws Refused 400 `invalid_cursor` for anything that `seal` did not make for this list.
  template <class Position>
  [[nodiscard]] Position open(std::string_view cursor, std::string_view list) const {
    const std::string position = open_text(cursor, list);
    try {
      return json::read<Position>(position);
    } catch (const json::Invalid&) {  // of an earlier version of the list
      throw Refused{invalid_cursor};
    }
  }

 private:
  [[nodiscard]] std::string seal_text(std::string_view position, std::string_view list) const;
  [[nodiscard]] std::string open_text(std::string_view cursor, std::string_view list) const;

  std::string key_;
};

}  // namespace wildnout::api
