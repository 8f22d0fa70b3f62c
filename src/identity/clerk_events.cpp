// Reading Clerk's events (clerk.com/docs, "Webhooks"), with no trust in what may be missing.
#include "identity/clerk_events.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "identity/rules.hpp"
#include "identity/session_book.hpp"
#include "platform/values/constraints.hpp"
#include "platform/values/network.hpp"

namespace wildnout::identity {
namespace {

namespace json = boost::json;

// A lock whose end Clerk does not tell.
constexpr std::chrono::hours unknown_lock{1};
constexpr std::int64_t max_lock_seconds = 10LL * 365 * 24 * 3600;
constexpr std::int64_t max_milliseconds = 253'402'300'799'999;  // the end of the year 9999
constexpr std::array<std::string_view, 3> session_ends{"session.ended", "session.removed",
                                                       "session.revoked"};

const json::object* object_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

// Empty when it is absent, null or no text.
std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string{} : std::string{*text};
}

std::optional<std::int64_t> number_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < 0 || number > max_milliseconds) return std::nullopt;
  return number;
}

bool truth_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= max_subject_bytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::optional<std::string> checked_name(std::string name) {
  if (!checks::text(name, 1, max_display_name).empty()) return std::nullopt;
  return name;
}

// Either name may be null.
std::optional<std::string> display_name_of(const json::object& user) {
  std::string name = text_in(user, "first_name");
  const std::string last = text_in(user, "last_name");
  if (!name.empty() && !last.empty()) name += ' ';
  name += last;
  if (name.empty()) name = text_in(user, "username");
  return checked_name(std::move(name));
}

std::optional<std::string> email_of(const json::object& user) {
  const std::string primary = text_in(user, "primary_email_address_id");
  const json::value* list = user.if_contains("email_addresses");
  if (primary.empty() || list == nullptr || !list->is_array()) return std::nullopt;
  for (const json::value& item : list->get_array()) {
    const json::object* address = item.if_object();
    if (address == nullptr || text_in(*address, "id") != primary) continue;
    std::string email = text_in(*address, "email_address");
    const bool is_fit = !email.empty() && email.size() <= max_email_bytes &&
                        checks::text(email, 1, max_email_bytes).empty();
    return is_fit ? std::optional{std::move(email)} : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Timestamp> lock_of(const json::object& user, Timestamp now) {
  if (!truth_in(user, "locked")) return std::nullopt;
  const auto seconds = number_in(user, "lockout_expires_in_seconds");
  if (!seconds) return now + unknown_lock;
  return now + std::chrono::seconds{std::min(*seconds, max_lock_seconds)};
}

std::optional<ClerkUser> user_of(const json::object& data, Timestamp now) {
  ClerkUser user;
  user.id = text_in(data, "id");
  const auto updated_at = number_in(data, "updated_at");
  if (!is_id(user.id) || !updated_at) return std::nullopt;
  user.updated_at = Timestamp{std::chrono::milliseconds{*updated_at}};
  std::string username = text_in(data, "username");
  if (!username.empty()) user.username = std::move(username);
  user.display_name = display_name_of(data);
  std::string avatar = text_in(data, "image_url");
  if (!avatar.empty() && checks::url(avatar).empty()) user.avatar_url = std::move(avatar);
  user.email = email_of(data);
  user.is_banned = truth_in(data, "banned");
  user.locked_until = lock_of(data, now);
  return user;
}

std::string agent_of(const json::object& request) {
  std::string agent = text_in(request, "user_agent");
  agent.resize(std::min(agent.size(), SessionBook::max_agent_bytes));
  std::erase_if(agent, [](char c) { return c < ' ' || c > '~'; });
  return agent;
}

ClerkSessionBegun session_of(const json::object& event, const json::object& data) {
  ClerkSessionBegun session{text_in(data, "id"), text_in(data, "user_id"), "", ""};
  const json::object* attributes = object_in(event, "event_attributes");
  const json::object* request =
      attributes == nullptr ? nullptr : object_in(*attributes, "http_request");
  if (request == nullptr) return session;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(text_in(*request, "client_ip"), error);
  if (!error) session.ip_address = address.to_string();
  session.user_agent = agent_of(*request);
  return session;
}

}  // namespace

std::optional<std::vector<ClerkUser>> parse_clerk_users(std::string_view body, Timestamp now) {
  boost::system::error_code error;
  const json::value document = json::parse({body.data(), body.size()}, error);
  if (error) return std::nullopt;
  std::vector<ClerkUser> users;
  const auto take = [&](const json::value& value) {
    const json::object* object = value.if_object();
    auto user = object == nullptr ? std::nullopt : user_of(*object, now);
    if (user) users.push_back(std::move(*user));
  };
  if (const json::array* list = document.if_array()) {
    for (const json::value& one : *list) take(one);
    return users;
  }
  take(document);
  if (users.empty()) return std::nullopt;
  return users;
}

std::optional<ClerkEvent> parse_clerk_event(std::string_view body, Timestamp now) {
  boost::system::error_code error;
  const json::value document = json::parse({body.data(), body.size()}, error);
  const json::object* event = error ? nullptr : document.if_object();
  if (event == nullptr) return std::nullopt;
  ClerkEvent read{text_in(*event, "type"), text_in(*event, "instance_id"), {}};
  if (!is_id(read.type)) return std::nullopt;
  const json::object* data = object_in(*event, "data");
  const bool is_ended = std::ranges::find(session_ends, read.type) != session_ends.end();
  if (read.type == "user.created" || read.type == "user.updated") {
    auto user = data == nullptr ? std::nullopt : user_of(*data, now);
    if (!user) return std::nullopt;
    read.fact = std::move(*user);
  } else if (read.type == "user.deleted") {
    const std::string id = data == nullptr ? "" : text_in(*data, "id");
    if (!is_id(id)) return std::nullopt;
    read.fact = ClerkUserDeleted{id};
  } else if (read.type == "session.created" || is_ended) {
    if (data == nullptr) return std::nullopt;
    ClerkSessionBegun session = session_of(*event, *data);
    if (!is_id(session.id) || !is_id(session.user_id)) return std::nullopt;
    if (is_ended) {
      read.fact = ClerkSessionEnded{std::move(session.id), std::move(session.user_id)};
    } else {
      read.fact = std::move(session);
    }
  }
  return read;
}

}  // namespace wildnout::identity
