// Entering a battle, changing one's mind, leaving it.
#include "battles/entry_service.hpp"

#include "battles/account_age.hpp"
#include "battles/refusals.hpp"
#include "battles/repository.hpp"
#include "battles/rules.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

constexpr std::string_view sees_all_entries = "moderation:decide";

constexpr std::int64_t most_drafts = 20;  // of one person in one battle

bool may_see(const EntryRow& entry, const std::optional<api::Caller>& caller) {
  const bool is_own = caller && entry.user_id.value == caller->user_id;
  if (is_own) return true;
  if (entry.status != EntryStatus::submitted) return false;
  return entry.moderation_status == ModerationStatus::approved ||
         (caller && caller->may(sees_all_entries));
}

// Refuses what the rules do not allow, every fault at once.
void require_fit(const BattleRow& battle, const EntryContentRequest& content) {
  Faults faults;
  check_entry(json::read<Rules>(battle.rules), content.type,
              content.body ? content.body->raw() : std::string_view{}, faults);
  if (content.media_ids && !content.media_ids->empty()) {
    faults.push_back({"/content/mediaIds", "media are not supported by this server yet"});
  }
  if (!faults.empty()) api::refuse_invalid(faults);
}

Task<> require_place(db::Session& session, BattleId battle, UserId user) {
  switch (co_await judge_entry(session, battle, user)) {
    case EntryVerdict::not_active:
      throw api::Refused{battle_not_active};
    case EntryVerdict::too_young:
      co_await refuse_too_young(session, battle, user);
      break;
    case EntryVerdict::duplicate:
      throw api::Refused{duplicate_entry};
    case EntryVerdict::full:
      throw api::Refused{battle_full};
    case EntryVerdict::taken:
      break;
  }
}

// A draft may be written before the battle starts, and until entries close.
void require_not_closed(const BattleRow& battle, Timestamp now) {
  const bool is_open = battle.status == Status::upcoming || battle.status == Status::active;
  api::require(is_open && now < battle.end_time, battle_not_active);
}

std::string body_of(const EntryContentRequest& content) {
  return content.body ? content.body->raw() : std::string{};
}

}  // namespace

Task<EntryRow> EntryService::create(db::Scope scope, api::Caller caller, BattleId battle,
                                    CreateEntry request) {
  const UserId user{caller.user_id};
  co_return co_await scope.transact([&](db::Session& session) -> Task<EntryRow> {
    const auto row = co_await lock_battle(session, battle);
    api::require(row.has_value(), api::not_found);
    require_not_closed(*row, co_await database_now(session));
    const bool is_draft = request.draft.value_or(false);
    if (!is_draft) co_await require_place(session, battle, user);
    require_fit(*row, request.content);
    const NewEntry entry{EntryId::make(), battle, user, request.content.type,
                         body_of(request.content)};
    if (is_draft) {
      api::require(co_await count_drafts(session, battle, user) < most_drafts, too_many_drafts);
      co_await insert_draft(session, entry);
      session.after_commit([this, battle, user] { node_.votes_changed({{battle, user}}); });
    } else {
      co_await insert_submitted(session, entry);
      co_await enter(session, battle, entry.id, user);
    }
    co_return *co_await find_entry(session, entry.id);
  });
}

Task<EntryRow> EntryService::submit(db::Scope scope, api::Caller caller, EntryId id) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<EntryRow> {
    const EntryRow entry = co_await hold_own(session, caller, id, std::nullopt);
    api::require(entry.status == EntryStatus::draft, not_a_draft);
    const auto battle = co_await find_battle(session, entry.battle_id);
    co_await require_place(session, entry.battle_id, entry.user_id);
    // The rules may have changed since the draft was written.
    require_fit(*battle, {entry.content_type, Text<0, 20000>::of(entry.body), std::nullopt});
    co_await submit_draft(session, id);
    co_await enter(session, entry.battle_id, id, entry.user_id);
    co_return *co_await find_entry(session, id);
  });
}

Task<EntryRow> EntryService::update(db::Scope scope, api::Caller caller, EntryId id,
                                    UpdateEntry request, std::optional<std::int32_t> if_match) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<EntryRow> {
    const EntryRow entry = co_await hold_own(session, caller, id, if_match);
    const auto battle = co_await find_battle(session, entry.battle_id);
    const Timestamp now = co_await database_now(session);
    const bool is_open = battle->status == Status::upcoming || battle->status == Status::active;
    api::require(is_open && now < battle->end_time, too_late);
    require_fit(*battle, request.content);
    co_await rewrite_entry(session, id, request.content.type, body_of(request.content));
    session.after_commit([this, changed = entry.battle_id] { node_.battle_changed(changed); });
    co_return *co_await find_entry(session, id);
  });
}

Task<> EntryService::remove(db::Scope scope, api::Caller caller, EntryId id,
                            std::optional<std::int32_t> if_match) {
  co_await scope.transact([&](db::Session& session) -> Task<> {
    const EntryRow entry = co_await hold_own(session, caller, id, if_match);
    const BattleId battle_id = entry.battle_id;
    const UserId user = entry.user_id;
    if (entry.status == EntryStatus::draft) {
      co_await delete_draft(session, id);
    } else {
      const auto battle = co_await find_battle(session, battle_id);
      const Timestamp now = co_await database_now(session);
      api::require(battle->status == Status::active && now < battle->end_time, too_late);
      co_await set_entry_status(session, id, EntryStatus::withdrawn);
      co_await recount_entries(session, battle_id);
      co_await bus::publish(session, battle_id.value, EntryWithdrawn{battle_id, id, user});
    }
    session.after_commit([this, battle_id, user] {
      node_.battle_changed(battle_id);
      node_.votes_changed({{battle_id, user}});
    });
  });
}

Task<EntryRow> EntryService::get(db::Session& session, std::optional<api::Caller> caller,
                                 EntryId id) {
  auto entry = co_await find_entry(session, id);
  api::require(entry && may_see(*entry, caller), api::not_found);
  co_return std::move(*entry);
}

Task<> EntryService::enter(db::Session& session, BattleId battle, EntryId entry, UserId user) {
  co_await recount_entries(session, battle);
  co_await bus::publish(session, battle.value, EntryCreated{battle, entry, user});
  session.after_commit([this, battle, user] {
    node_.battle_changed(battle);
    node_.votes_changed({{battle, user}});
  });
}

Task<EntryRow> EntryService::hold_own(db::Session& session, const api::Caller& caller, EntryId id,
                                      std::optional<std::int32_t> if_match) {
  const auto found = co_await find_entry(session, id);
  api::require(found && may_see(*found, caller), api::not_found);
  api::require(found->user_id.value == caller.user_id, api::forbidden);
  // The battle before the entry, as everywhere: two that lock in one order cannot deadlock.
  co_await lock_battle(session, found->battle_id);
  auto entry = co_await lock_entry(session, id);
  api::require(entry.has_value(), api::not_found);
  const bool is_gone =
      entry->status == EntryStatus::withdrawn || entry->status == EntryStatus::removed;
  api::require(!is_gone, too_late);
  api::require(!if_match || *if_match == entry->version, api::precondition_failed);
  co_return std::move(*entry);
}

}  // namespace wildnout::battles
