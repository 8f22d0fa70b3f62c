// Asking Clerk, and understanding what it answers.
#include "identity/clerk_api.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <stdexcept>

namespace wildnout::identity {
namespace {

constexpr std::string_view api_version = "2026-05-12";   // the one that the code was written for
constexpr std::size_t largest_answer = 8 * 1024 * 1024;  // bytes; a user is about 5 KB
constexpr std::chrono::seconds unnamed_pause{10};

// Retry-After in seconds; its other form, a date, is not what Clerk sends.
std::chrono::seconds pause_of(const http::ClientResponse& answer) {
  const auto header = answer.header("Retry-After");
  std::int64_t seconds = 0;
  if (!header ||
      std::from_chars(header->data(), header->data() + header->size(), seconds).ec != std::errc{}) {
    return unnamed_pause;
  }
  return std::clamp(std::chrono::seconds{seconds}, ClerkApi::shortest_pause,
                    ClerkApi::longest_pause);
}

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (is_plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

std::vector<ClerkUser> users_in(const http::ClientResponse& answer) {
  auto users = parse_clerk_users(answer.body, system_now());
  if (!users) throw std::runtime_error{"Clerk's answer lists no users"};
  return std::move(*users);
}

// How many there were, also those that could not be taken.
std::size_t count_in(const http::ClientResponse& answer) {
  boost::system::error_code error;
  const auto document = boost::json::parse(answer.body, error);
  return !error && document.is_array() ? document.get_array().size() : 0;
}

}  // namespace

Task<http::ClientResponse> ClerkApi::get(std::string path) {
  http::ClientRequest request;
  request.url = url_ + path;
  request.headers = {{"Authorization", "Bearer " + secret_.reveal()},
                     {"Clerk-API-Version", std::string{api_version}},
                     {"User-Agent", "wildnout"},
                     {"Accept", "application/json"}};
  request.answer_bytes = largest_answer;
  request.total_time = std::chrono::milliseconds{20'000};
  // The configuration takes http for loopback alone, unless it is one for development.
  request.allows_plain_http = url_.starts_with("http://");
  http::ClientResponse answer = co_await client_.fetch(std::move(request));
  if (answer.status == 429 || answer.status >= 500) throw ClerkBusy{pause_of(answer)};
  if (answer.status != 200 && answer.status != 404) {
    throw std::runtime_error{"Clerk's API answered " + std::to_string(answer.status)};
  }
  co_return answer;
}

Task<std::vector<ClerkUser>> ClerkApi::users(std::vector<std::string> ids) {
  std::string path = "/users?limit=" + std::to_string(most_ids);
  for (const std::string& id : ids) path += "&user_id=" + escaped(id);
  const auto answer = co_await get(std::move(path));
  if (answer.status != 200) throw std::runtime_error{"Clerk's API has no list of users"};
  co_return users_in(answer);
}

Task<ClerkApi::Page> ClerkApi::page(std::int64_t offset) {
  const auto answer =
      co_await get("/users?order_by=%2Bcreated_at&limit=" + std::to_string(users_a_page) +
                   "&offset=" + std::to_string(offset));
  if (answer.status != 200) throw std::runtime_error{"Clerk's API has no list of users"};
  co_return Page{users_in(answer), count_in(answer) < static_cast<std::size_t>(users_a_page)};
}

Task<std::optional<ClerkUser>> ClerkApi::user(std::string id) {
  const auto answer = co_await get("/users/" + escaped(id));
  if (answer.status == 404) {
    // Clerk's own word for it: a wrong address, or a proxy, says 404 otherwise.
    const bool is_meant = answer.body.find("resource_not_found") != std::string::npos;
    if (!is_meant) throw std::runtime_error{"the 404 is not Clerk's"};
    co_return std::nullopt;
  }
  auto users = users_in(answer);
  if (users.size() != 1 || users.front().id != id) {
    throw std::runtime_error{"Clerk answered with another user"};
  }
  co_return std::move(users.front());
}

}  // namespace wildnout::identity
