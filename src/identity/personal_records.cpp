// Going through what identity holds about one person.
#include "identity/personal_records.hpp"

#include "identity/erasure_repository.hpp"
#include "identity/export_repository.hpp"
#include "identity/personal_repository.hpp"
#include "platform/api/idempotency.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

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

Task<> collect_sessions(db::Session& db, UserId user, RecordSink& sink) {
  std::string after;
  co_await sink.add("identity/sessions", "");
  while (true) {
    const auto rows = co_await find_kept_sessions(db, user, after, rows_a_page);
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
  co_await collect_sessions(db, user, sink);
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
