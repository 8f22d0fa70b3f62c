// Reading credentials, asking identity, asking the channels' owners.
#include "realtime/gate.hpp"

#include <algorithm>

namespace wildnout::realtime {
namespace {

constexpr std::string_view bearer_protocol = "bearer.";

// Tickets and tokens need no percent-encoding; what has some is none of ours.
std::string query_value(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {};
  std::string_view query = target.substr(mark + 1);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string{pair.substr(equals + 1)};
    }
  }
  return {};
}

std::string bearer_of(std::string_view protocols) {
  while (!protocols.empty()) {
    std::string_view one = protocols.substr(0, protocols.find(','));
    protocols.remove_prefix(std::min(protocols.size(), one.size() + 1));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one.starts_with(bearer_protocol)) return std::string{one.substr(bearer_protocol.size())};
  }
  return {};
}

std::string_view family_of(std::string_view channel) {
  return channel.substr(0, channel.find(':'));
}

std::string id_of(std::string_view channel) {
  const std::size_t colon = channel.find(':');
  return colon == std::string_view::npos ? std::string{} : std::string{channel.substr(colon + 1)};
}

}  // namespace

Credentials credentials_of(std::string_view target, std::string_view protocols) {
  Credentials found;
  found.ticket = query_value(target, "ticket");
  if (!found.ticket.empty()) return found;
  found.token = bearer_of(protocols);
  if (found.token.empty()) found.token = query_value(target, "token");
  return found;
}

Task<ws::Gate::Verdict> Gate::admit(const http::Upgrade& upgrade) {
  Credentials credentials = credentials_of(upgrade.target, upgrade.protocols);
  if (credentials.ticket.empty() && credentials.token.empty()) {
    Verdict verdict;
    verdict.is_missing = true;
    co_return verdict;
  }
  if (!credentials.ticket.empty()) {
    co_return verdict_of(co_await sessions_.by_ticket(std::move(credentials.ticket)));
  }
  Admission admission = co_await sessions_.by_token(std::move(credentials.token));
  // Good tokens go on whatever their address did. A ticket is not counted: one that was used, or
  // that has expired, cannot be told from one that was made up.
  if (!admission.caller && admission.reason == Closed::wrong && limiter_ != nullptr) {
    (void)co_await api::count_bad_credentials(*limiter_, upgrade.remote);
  }
  co_return verdict_of(std::move(admission));
}

Task<ws::Gate::Verdict> Gate::renew(std::string token) {
  co_return verdict_of(co_await sessions_.by_token(std::move(token)));
}

Task<ws::Gate::Access> Gate::may_subscribe(const ws::Holder& holder, std::string channel) {
  const std::string own = std::string{ws::user_channel_prefix} + holder.user_id.text();
  if (channel == ws::system_channel || channel == own) co_return Access::allowed;
  if (channel.starts_with(ws::user_channel_prefix)) co_return Access::forbidden;
  ChannelSource* source = source_of(channel);
  if (source == nullptr) co_return Access::not_found;
  const bool may = co_await source->may_listen(UserId{holder.user_id}, id_of(channel));
  co_return may ? Access::allowed : Access::not_found;
}

Task<std::string> Gate::snapshot(const ws::Holder& holder, std::string channel) {
  ChannelSource* source = source_of(channel);
  if (source == nullptr) co_return "null";
  co_return co_await source->snapshot(UserId{holder.user_id}, id_of(channel));
}

ws::Gate::Verdict Gate::verdict_of(Admission admission) const {
  Verdict verdict;
  if (!admission.caller) {
    verdict.is_suspended = admission.reason == Closed::suspended;
    return verdict;
  }
  // The token proves the session now; from here on the session counts, not the token's minute.
  verdict.holder = ws::Holder{admission.caller->user_id, admission.caller->session_id,
                              admission.display_name, system_now() + reauth_};
  return verdict;
}

ChannelSource* Gate::source_of(std::string_view channel) const {
  const auto found = sources_.find(family_of(channel));
  return found == sources_.end() ? nullptr : found->second;
}

}  // namespace wildnout::realtime
