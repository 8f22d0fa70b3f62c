// Who is calling and what they may do; the handler's signature says which of these it needs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "platform/async/task.hpp"
#include "platform/http/request.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::api {

// A signed-in caller. Roles and permissions are views of static life time ("battle:create").
struct Caller {
  Uuid user_id;
  std::string session_id;
  std::span<const std::string_view> roles;
  std::span<const std::string_view> permissions;  // sorted
  Timestamp expires_at;
  bool is_by_cookie = false;  // else by a bearer token
  // Who acts in the caller's name (`act`, RFC 8693 section 4.1); empty: the caller.
  std::string actor{};

  [[nodiscard]] bool is_impersonated() const { return !actor.empty(); }
  [[nodiscard]] bool may(std::string_view permission) const {
    return std::binary_search(permissions.begin(), permissions.end(), permission);
  }
};

template <std::size_t Size>
struct Literal {
  char text[Size];
  consteval Literal(const char (&source)[Size]) { std::copy_n(source, Size, text); }
  [[nodiscard]] constexpr std::string_view view() const { return {text, Size - 1}; }
};

// A caller that holds this permission; the router refuses others with 403 `forbidden`.
template <Literal Permission>
struct Permitted : Caller {
  static constexpr std::string_view permission = Permission.view();
};

// Tells callers from requests. One a shard.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // No credentials: nothing. Bad ones: throws Refused (401). Suspended: throws 403.
  [[nodiscard]] virtual Task<std::optional<Caller>> authenticate(const http::Request& request) = 0;
};

}  // namespace wildnout::api
