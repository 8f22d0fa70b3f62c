// Going through what identity holds about one person.
#include "identity/kept_records.hpp"

#include "identity/erasure_repository.hpp"
#include "identity/export_repository.hpp"
#include "identity/kept_repository.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {

// A session as the archive has it.
struct KeptSession {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
  std::optional<Timestamp> ended_at;
  std::optional<std::string> end_cause;
};
BOOST_DESCRIBE_STRUCT(KeptSession, (),
                      (id, created_at, last_active_at, ip_address, user_agent, ended_at, end_cause))

namespace {

KeptSession opened(KeptSessionRow row, const crypto::Vault& vault) {
  KeptSession session{row.id, row.created_at, row.last_active_at,      {},
                      {},     row.ended_at,   std::move(row.end_cause)};
  if (!row.origin) return session;
  Origin origin = json::read<Origin>(std::string_view{row.origin->open(vault, row.id)});
  session.ip_address = std::move(origin.ip_address);
  session.user_agent = std::move(origin.user_agent);
  return session;
}

constexpr std::int32_t rows_a_page = 1000;

Task<> collect_ties(db::Session& db, UserId user, RecordSink& sink, std::string_view file,
                    FindTies* find) {
  std::optional<UserId> after;
  co_await sink.add(file, "");
  while (true) {
    const auto rows = co_await find(db, user, after, rows_a_page);
    if (rows.empty()) co_return;
    co_await add_rows(sink, file, rows);
    after = rows.back().user_id;
  }
}

Task<> collect_sessions(db::Session& db, UserId user, const crypto::Vault& vault,
                        RecordSink& sink) {
  std::string after;
  co_await sink.add("identity/sessions", "");
  while (true) {
    std::vector<KeptSession> rows;
    for (KeptSessionRow& row : co_await find_kept_sessions(db, user, after, rows_a_page)) {
      rows.push_back(opened(std::move(row), vault));
    }
    if (rows.empty()) co_return;
    co_await add_rows(sink, "identity/sessions", rows);
    after = rows.back().id;
  }
}

Task<> collect_requests(db::Session& db, UserId user, RecordSink& sink) {
  std::string after;
  co_await sink.add("identity/repeatable-requests", "");
  while (true) {
    const auto rows = co_await find_kept_requests(db, user, after, rows_a_page);
    if (rows.empty()) co_return;
    co_await add_rows(sink, "identity/repeatable-requests", rows);
    after = rows.back().key;
  }
}

}  // namespace

Task<> IdentityRecords::collect(db::Session& db, UserId user, RecordSink& sink) {
  const auto account = co_await find_account(db, user);
  if (!account) throw std::runtime_error{"the account is gone"};
  co_await sink.add("identity/account", json::text_of(*account));
  api::Caller owner{};
  owner.user_id = user.value;
  const OwnProfile profile = co_await service_.own_profile(owner);
  co_await sink.add("identity/profile", json::text_of(profile));
  co_await collect_sessions(db, user, vault_, sink);
  co_await collect_ties(db, user, sink, "identity/following", find_kept_following);
  co_await collect_ties(db, user, sink, "identity/followers", find_kept_followers);
  co_await collect_ties(db, user, sink, "identity/blocks", find_kept_blocks);
  co_await collect_ties(db, user, sink, "identity/mutes", find_kept_mutes);
  co_await collect_requests(db, user, sink);
  const auto exports = co_await find_exports_of(db, user);
  co_await add_rows(sink, "identity/exports", exports);
}

Task<> IdentityRecords::erase(db::Session& db, UserId user) {
  co_await erase_ties(db, user);
  co_await erase_sessions(db, user);
  co_await delete_exports_of(db, user);
  co_await api::forget_keys_of(db, user.value);
  co_await erase_profile(db, user);
}

// The event that told of a new user has the name.
Task<std::optional<std::string>> IdentityRecords::erase_step(db::Session& db, UserId user,
                                                             std::string from) {
  if (from.empty()) co_await delete_exports_of(db, user);
  const std::int64_t after = from.empty() ? 0 : std::stoll(from);
  const auto next = co_await bus::blank_members(db, {user.value}, {"displayName"}, after);
  if (!next) co_return std::nullopt;
  co_return std::to_string(*next);
}

}  // namespace wildnout::identity
