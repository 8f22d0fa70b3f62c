// What a handler may ask for: each parameter type names the part of the request that it takes.
//
// Who calls is asked for by exactly one of Caller, std::optional<Caller>, Permitted<"x:y">
// (access.hpp) and Anyone; the others may be left out, in any order:
//   db::Scope     the way to the database, inside the transaction of an Idempotency-Key if any
//   Path<T>       a {segment} of the pattern, in its order; what is no T gets 404
//   Query<T>      a described struct, a member a parameter; unknown and repeated ones get 400.
//                 Absent: std::optional is empty, Required<T> gets 400, others keep their default
//   Body<T>       JSON; 415 for other content types, 400 with every fault
//   Conditions    If-Match and If-None-Match
//   Origin        where the request came from
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "platform/json/json.hpp"
#include "platform/values/constraints.hpp"

namespace wildnout::api {

// Declares that a route does not look at credentials at all.
struct Anyone {};

template <class T>
struct Path {
  T value{};
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

template <class T>
struct Query {
  T value{};
  std::string_view route;  // "GET /battles", of static life time
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }

  // Names the list that is asked for, for Cursors: the route and every parameter but cursor and
  // limit.
  [[nodiscard]] std::string list() const;
};

template <class T>
struct Body {
  T value{};
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

// Views into the request, valid until it has been answered. Entity tags are given and compared
// without their quotes.
class Conditions {
 public:
  Conditions() = default;
  Conditions(std::string_view if_match, std::string_view if_none_match)
      : if_match_{if_match}, if_none_match_{if_none_match} {}

  // Throws Refused 412 when If-Match was sent and names another version (RFC 9110 section 13.1.1).
  void require_match(std::string_view etag) const;
  // If-None-Match names this version: the client has it (RFC 9110 section 13.1.2).
  [[nodiscard]] bool has(std::string_view etag) const;
  [[nodiscard]] bool is_conditional() const { return !if_match_.empty(); }
  // If-Match as it was sent, for resources whose tags are compared in part.
  [[nodiscard]] std::string_view if_match() const { return if_match_; }

 private:
  std::string_view if_match_;
  std::string_view if_none_match_;
};

// Views as above.
struct Origin {
  boost::asio::ip::address remote;
  std::string_view user_agent;
  std::string_view request_id;
};

// The length of a page: 1 to 100, 20 when it is not given.
class Limit : public Checked<Limit, std::int32_t> {
 public:
  static constexpr std::int64_t min = 1;
  static constexpr std::int64_t max = 100;

  Limit() { raw_ = 20; }
  [[nodiscard]] static std::string check(std::int32_t value) {
    return checks::number(value, min, max);
  }
  operator std::int32_t() const { return raw(); }  // NOLINT: reads as its number
};

// A query parameter that must be given.
template <class T>
struct Required {
  T value{};
  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

// The names of members that say which part of a list is wanted, not which list.
inline constexpr std::string_view limit_member = "limit";
inline constexpr std::string_view cursor_member = "cursor";
// The name of the member that is searched for.
inline constexpr std::string_view search_member = "q";

// What Query::list() says, for any struct.
[[nodiscard]] std::string list_name(std::string_view route, const void* query,
                                    const json::Shape& shape);

template <class T>
std::string Query<T>::list() const {
  return list_name(route, &value, json::shape_of<T>);
}

}  // namespace wildnout::api

template <class T>
struct wildnout::json::Coding<wildnout::api::Required<T>> {
  static constexpr bool is_demanded = true;

  static void write(const api::Required<T>& value, std::string& out) {
    Coding<T>::write(value.value, out);
  }
  static std::string parse(std::string_view text, api::Required<T>& out) {
    return Coding<T>::parse(text, out.value);
  }
  static void describe(Schemas& schemas, Direction direction, std::string& out) {
    Coding<T>::describe(schemas, direction, out);
  }
};
