// Creating, changing, cancelling battles; their history and results.
#include "battles/service.hpp"

#include "battles/bracket.hpp"
#include "battles/bracket_repository.hpp"
#include "battles/lifecycle.hpp"
#include "battles/presentation.hpp"
#include "battles/refusals.hpp"
#include "battles/result_repository.hpp"
#include "battles/rules.hpp"
#include "contracts/battle_events.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"
#include "platform/values/random.hpp"

namespace wildnout::battles {

// What the audit trail keeps of an intervention beside who, when and which battle.
struct Intervention {
  UserId creator_id;
  Status from;
  std::optional<Status> to;
  std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Intervention, (), (creator_id, from, to, reason))

namespace {

constexpr std::string_view administer = "battle:administer";
constexpr std::string_view feature = "battle:feature";

NewBattle changed(const BattleRow& row, const UpdateBattle& request, Faults& faults) {
  NewBattle battle{row.id,
                   row.creator_id,
                   request.title ? request.title->raw() : row.title,
                   row.description,
                   row.battle_type,
                   json::read<Rules>(row.rules),
                   {row.start_time, row.end_time, row.voting_start_time, row.voting_end_time},
                   request.featured.value_or(row.featured),
                   row.is_demo};
  if (request.description.is_present()) {
    battle.description =
        request.description.value() ? request.description.value()->raw() : std::string{};
  }
  if (request.rules) {
    battle.rules = apply_rules(row.battle_type, std::move(battle.rules), *request.rules, faults);
  }
  Schedule& times = battle.schedule;
  times.start_time = request.start_time.value_or(times.start_time);
  times.voting_end_time = request.voting_end_time.value_or(times.voting_end_time);
  // Voting that began with the end of entries goes on doing so.
  const bool voting_follows = times.voting_start_time == times.end_time;
  times.end_time = request.end_time.value_or(times.end_time);
  times.voting_start_time =
      request.voting_start_time.value_or(voting_follows ? times.end_time : times.voting_start_time);
  return battle;
}

// What staff did with somebody's battle.
audit::Fact intervention(std::string_view action, const BattleRow& row,
                         std::optional<Status> to = {}, std::optional<std::string> reason = {}) {
  const Intervention facts{row.creator_id, row.status, to, std::move(reason)};
  return {.action = std::string{action},
          .subject_type = "battle",
          .subject_id = row.id.text(),
          .severity = audit::Severity::warning,
          .metadata = json::text_of(facts)};
}

bool moves_times(const UpdateBattle& request) {
  return request.start_time || request.end_time || request.voting_start_time ||
         request.voting_end_time;
}

// What an administrator may still move once a battle runs: times that have not come yet.
void check_running_times(const BattleRow& row, const Schedule& times, Timestamp now,
                         Faults& faults) {
  if (row.status != Status::upcoming && times.start_time != row.start_time) {
    faults.push_back({"/startTime", "the battle has started"});
  }
  if (row.status == Status::voting && times.end_time != row.end_time) {
    faults.push_back({"/endTime", "the time for entries is over"});
  }
  if (times.start_time >= times.end_time) {
    faults.push_back({"/endTime", "must be after startTime"});
  }
  if (times.voting_start_time < times.end_time) {
    faults.push_back({"/votingStartTime", "must not be before endTime"});
  }
  if (times.voting_end_time <= times.voting_start_time || times.voting_end_time <= now) {
    faults.push_back({"/votingEndTime", "must be after votingStartTime and in the future"});
  }
}

// Once the bracket is drawn its rounds have their times.
void check_running_tournament(const BattleRow& row, const NewBattle& battle, Faults& faults) {
  if (row.battle_type != BattleType::tournament || row.status != Status::voting) return;
  if (battle.schedule.voting_start_time != row.voting_start_time) {
    faults.push_back({"/votingStartTime", "the rounds of this tournament have their times"});
  }
  if (battle.schedule.voting_end_time != row.voting_end_time) {
    faults.push_back({"/votingEndTime", "the rounds of this tournament have their times"});
  }
  if (json::text_of(battle.rules) != json::text_of(json::read<Rules>(row.rules))) {
    faults.push_back({"/rules", "the bracket of this tournament is drawn"});
  }
}

}  // namespace

Task<BattleRow> BattleService::create(db::Scope scope, api::Caller caller, CreateBattle request,
                                      bool is_demo) {
  api::require(!request.featured.value_or(false) || caller.may(feature), api::forbidden);
  co_return co_await scope.transact([&](db::Session& session) -> Task<BattleRow> {
    Faults faults;
    const Rules rules = apply_rules(request.battle_type, default_rules(request.battle_type),
                                    request.rules.value_or(RulesRequest{}), faults);
    const Schedule times{request.start_time, request.end_time,
                         request.voting_start_time.value_or(request.end_time),
                         request.voting_end_time};
    const NewBattle battle{BattleId::make(),
                           UserId{caller.user_id},
                           request.title.raw(),
                           request.description ? request.description->raw() : std::string{},
                           request.battle_type,
                           rules,
                           times,
                           request.featured.value_or(false),
                           is_demo};
    check_schedule(times, co_await database_now(session), minimum_phase_, faults);
    check_tournament(battle, faults);
    if (!faults.empty()) api::refuse_invalid(faults);
    co_await insert_battle(session, battle);
    if (battle.battle_type == BattleType::tournament) {
      Hash secret{};
      random_bytes(secret);
      co_await insert_tournament(session, battle.id, secret);
    }
    co_await add_history(session, battle.id, std::nullopt, Status::upcoming, StepCause::created,
                         battle.creator_id, std::nullopt);
    co_await bus::publish(session, battle.id.value, BattleCreated{battle.id, battle.creator_id});
    co_await advance(session, node_, battle.id);
    co_return *co_await find_battle(session, battle.id);
  });
}

Task<BattleRow> BattleService::update(db::Scope scope, api::Caller caller, audit::Author author,
                                      BattleId id, UpdateBattle request,
                                      std::optional<std::int32_t> if_match) {
  api::require(!request.featured.has_value() || caller.may(feature), api::forbidden);
  co_return co_await scope.transact([&](db::Session& session) -> Task<BattleRow> {
    const BattleRow row = co_await hold_for_change(session, caller, id, if_match);
    Faults faults;
    const NewBattle battle = changed(row, request, faults);
    const Timestamp now = co_await database_now(session);
    if (row.status != Status::upcoming) {
      check_running_times(row, battle.schedule, now, faults);
      check_running_tournament(row, battle, faults);
    } else {
      if (moves_times(request)) check_schedule(battle.schedule, now, minimum_phase_, faults);
      check_tournament(battle, faults);
    }
    if (!faults.empty()) api::refuse_invalid(faults);
    co_await rewrite_battle(session, battle);
    if (row.creator_id.value != caller.user_id) {
      co_await node_.trail().record(session, author, intervention("battle.changedByStaff", row));
    }
    co_await bus::publish(session, id.value, BattleUpdated{id});
    co_await advance(session, node_, id);
    co_return *co_await find_battle(session, id);
  });
}

Task<> BattleService::cancel(db::Scope scope, api::Caller caller, audit::Author author, BattleId id,
                             std::optional<std::int32_t> if_match) {
  co_await scope.transact([&](db::Session& session) -> Task<> {
    const BattleRow row = co_await hold_for_change(session, caller, id, if_match);
    co_await force(session, node_, row, Status::cancelled, StepCause::cancelled,
                   UserId{caller.user_id}, "cancelled by its owner or an administrator");
    if (row.creator_id.value != caller.user_id) {
      co_await node_.trail().record(session, author, intervention("battle.cancelledByStaff", row));
    }
  });
}

Task<BattleRow> BattleService::force_step(db::Scope scope, api::Caller caller, audit::Author author,
                                          BattleId id, ForceStep request) {
  co_return co_await scope.transact([&](db::Session& session) -> Task<BattleRow> {
    const auto place = co_await find_place(session, id);
    api::require(place.has_value(), api::not_found);
    const bool is_round = place->parent_id.has_value();
    // The tournament before its round, as everywhere.
    if (is_round) (void)co_await lock_battle(session, *place->parent_id);
    const auto row = co_await lock_battle(session, id);
    api::require(!is_round || request.to != Status::cancelled, round_of_tournament);
    const auto next = is_round ? next_round_status(row->status) : next_status(row->status);
    api::require(next && (request.to == *next || request.to == Status::cancelled),
                 invalid_transition);
    co_await force(session, node_, *row, request.to, StepCause::forced, UserId{caller.user_id},
                   request.reason.raw());
    co_await node_.trail().record(
        session, author,
        intervention("battle.transitionForced", *row, request.to, request.reason.raw()));
    co_return *co_await find_battle(session, id);
  });
}

Task<std::vector<HistoryStep>> BattleService::history(db::Session& session, BattleId id) {
  auto steps = co_await find_history(session, id);
  api::require(!steps.empty(), api::not_found);
  co_return steps;
}

Task<Results> BattleService::results(db::Session& session, BattleId id) {
  const auto row = co_await find_battle(session, id);
  api::require(row && row->status != Status::cancelled, api::not_found);
  auto results = co_await find_results(session, id);
  if (!results) {
    throw api::Refused{results_not_ready,
                       R"({"availableAt":")" + text_of(row->voting_end_time) + R"("})"};
  }
  co_return present(id, *results);
}

void BattleService::check_tournament(const NewBattle& battle, Faults& faults) const {
  if (battle.battle_type != BattleType::tournament) return;
  if (battle.rules.round_seconds && !allows_round_seconds_) {
    faults.push_back({"/rules/roundSeconds", "is for development alone"});
  }
  check_rounds(battle.rules, battle.schedule, minimum_phase_, faults);
}

Task<BattleRow> BattleService::hold_for_change(db::Session& session, const api::Caller& caller,
                                               BattleId id, std::optional<std::int32_t> if_match) {
  auto row = co_await lock_battle(session, id);
  api::require(row.has_value(), api::not_found);
  api::require(!row->parent_id, round_of_tournament);
  const bool administers = caller.may(administer);
  api::require(administers || row->creator_id.value == caller.user_id, api::forbidden);
  api::require(administers || row->status == Status::upcoming, too_late);
  api::require(next_status(row->status).has_value(), too_late);
  api::require(!if_match || *if_match == row->version, api::precondition_failed);
  co_return std::move(*row);
}

}  // namespace wildnout::battles
