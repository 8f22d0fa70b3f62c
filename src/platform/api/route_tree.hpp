// Finds the route of a path: a tree of path segments, walked without allocating.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/api/route.hpp"

namespace wildnout::api {

inline constexpr std::size_t method_count = 8;  // of http::Method

struct RouteNode {
  std::string segment;
  std::vector<std::unique_ptr<RouteNode>> children;  // with a fixed segment
  std::unique_ptr<RouteNode> wildcard;               // with a {segment}
  std::array<const Route*, method_count> routes{};
};

// What was found. Parameters are views into the path or into `decoded`, so a Match stays in place.
struct Match {
  const Route* route = nullptr;     // null: no such path, or not with that method
  const RouteNode* node = nullptr;  // null: no such path
  std::array<std::string_view, max_path_parameters> parameters{};
  std::string decoded{};

  Match() = default;
  Match(const Match&) = delete;
  Match& operator=(const Match&) = delete;
};

// A fixed segment goes before a {segment}; where it leads nowhere, the other is tried.
class RouteTree {
 public:
  // Throws std::logic_error when the pattern is no pattern, or taken.
  void add(const Route& route);

  // `path` begins with '/'. A segment that is not percent-encoded as it must be matches nothing.
  void find(std::string_view path, http::Method method, Match& match) const;

 private:
  RouteNode root_;
};

// "GET, HEAD, OPTIONS": what a path takes.
[[nodiscard]] std::string allowed_methods(const RouteNode& node);

}  // namespace wildnout::api
