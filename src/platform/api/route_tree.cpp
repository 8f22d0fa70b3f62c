// Building and walking the tree of path segments.
#include "platform/api/route_tree.hpp"

#include <algorithm>
#include <stdexcept>

#include "platform/api/request_text.hpp"

namespace wildnout::api {
namespace {

using Segments = std::array<std::string_view, max_path_segments>;

constexpr std::size_t too_many = max_path_segments + 1;

// "/a/b" into "a", "b"; too_many when there are more than the limit.
std::size_t split(std::string_view path, Segments& segments) {
  std::size_t count = 0;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (count == max_path_segments) return too_many;
    segments[count++] = path.substr(0, end);
    path.remove_prefix(end);
  }
  return count;
}

// Replaces encoded segments by views into match.decoded.
bool decode(std::span<std::string_view> segments, std::size_t path_size, Match& match) {
  match.decoded.reserve(path_size);  // never grows past it, so views stay valid
  for (std::string_view& segment : segments) {
    if (segment.find('%') == std::string_view::npos) continue;
    const std::size_t from = match.decoded.size();
    if (!percent_decode(segment, false, match.decoded)) return false;
    segment = std::string_view{match.decoded}.substr(from);
  }
  return true;
}

bool has_routes(const RouteNode& node) {
  return std::any_of(node.routes.begin(), node.routes.end(),
                     [](const Route* route) { return route != nullptr; });
}

// True when a route was found; a node that lacks the method is kept for its Allow.
bool descend(const RouteNode& node, std::span<const std::string_view> rest, std::size_t parameters,
             http::Method method, Match& match) {
  if (rest.empty()) {
    if (match.node == nullptr && has_routes(node)) match.node = &node;
    match.route = node.routes[static_cast<std::size_t>(method)];
    if (match.route != nullptr) match.node = &node;
    return match.route != nullptr;
  }
  for (const auto& child : node.children) {
    if (child->segment != rest.front()) continue;
    if (descend(*child, rest.subspan(1), parameters, method, match)) return true;
    break;
  }
  if (node.wildcard == nullptr || rest.front().empty()) return false;
  match.parameters[parameters] = rest.front();
  return descend(*node.wildcard, rest.subspan(1), parameters + 1, method, match);
}

RouteNode& child_of(RouteNode& node, std::string_view segment) {
  if (segment.starts_with('{')) {
    if (!node.wildcard) node.wildcard = std::make_unique<RouteNode>();
    return *node.wildcard;
  }
  for (const auto& child : node.children) {
    if (child->segment == segment) return *child;
  }
  auto& child = node.children.emplace_back(std::make_unique<RouteNode>());
  child->segment = segment;
  return *child;
}

}  // namespace

void RouteTree::add(const Route& route) {
  Segments segments;
  const std::size_t count = split(route.pattern, segments);
  if (!route.pattern.starts_with('/') || count == too_many) {
    throw std::logic_error{"not a route pattern: " + route.name};
  }
  RouteNode* node = &root_;
  std::size_t parameters = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_parameter = segments[i].starts_with('{') && segments[i].ends_with('}');
    if (is_parameter) ++parameters;
    node = &child_of(*node, segments[i]);
  }
  if (parameters != route.signature.path.size() || parameters > max_path_parameters) {
    throw std::logic_error{"the handler takes other path parameters than " + route.name};
  }
  const Route*& place = node->routes[static_cast<std::size_t>(route.method)];
  if (place != nullptr) throw std::logic_error{"the route is there already: " + route.name};
  place = &route;
}

void RouteTree::find(std::string_view path, http::Method method, Match& match) const {
  Segments segments;
  const std::size_t count = split(path, segments);
  if (count == too_many) return;
  const bool is_encoded = path.find('%') != std::string_view::npos;
  if (is_encoded && !decode({segments.data(), count}, path.size(), match)) return;
  descend(root_, {segments.data(), count}, 0, method, match);
}

std::string allowed_methods(const RouteNode& node) {
  std::string allowed;
  for (const Route* route : node.routes) {
    if (route == nullptr) continue;
    allowed.append(text_of(route->method)).append(", ");
    if (route->method == http::Method::get) allowed.append("HEAD, ");
  }
  return allowed + "OPTIONS";
}

}  // namespace wildnout::api
