// From events to messages on `battle:{id}` and `battles`.
#include "battles/announcements.hpp"

#include "battles/entry_repository.hpp"
#include "battles/presentation.hpp"
#include "battles/tally_feed.hpp"
#include "contracts/battle_events.hpp"
#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

constexpr std::string_view all_battles = "battles";

struct Announcer {
  db::Database& database;
  ws::Hub& hub;

  void on_both(BattleId battle, std::string_view type, const std::string& data) const {
    hub.publish(channel_of(battle), std::string{type}, data, ws::Delivery::must);
    hub.publish(std::string{all_battles}, std::string{type}, data, ws::Delivery::must);
  }

  void on_own(BattleId battle, const bus::Envelope& envelope) const {
    hub.publish(channel_of(battle), envelope.type, envelope.data, ws::Delivery::must);
  }

  Task<> step(bus::Envelope envelope, BattleStep step) const {
    const BattleId battle = step.battle_id;
    // The true end of the count goes out before the word that it is over.
    if (envelope.type == battle_completed) co_await TallyFeed::send(database, hub, {battle});
    // Rounds are told of on their own channel and, as rounds, on the tournament's.
    if (step.parent_id) {
      on_own(battle, envelope);
    } else {
      on_both(battle, envelope.type, envelope.data);
    }
  }

  Task<> entry(EntryId id) const {
    const auto row = co_await find_entry(database.session(), id);
    if (!row || row->status != EntryStatus::submitted ||
        row->moderation_status != ModerationStatus::approved) {
      co_return;
    }
    hub.publish(channel_of(row->battle_id), "battle.newEntry", json::text_of(present(*row)),
                ws::Delivery::must);
  }
};

}  // namespace

void announce_events(bus::Dispatcher& dispatcher, db::Database& database, ws::Hub& hub) {
  const Announcer announcer{database, hub};
  for (const auto type :
       {battle_activated, battle_voting_started, battle_completed, battle_cancelled}) {
    dispatcher.subscribe<BattleStep>(
        type, [announcer](bus::Envelope envelope, BattleStep step) -> Task<> {
          co_await announcer.step(std::move(envelope), std::move(step));
        });
  }
  dispatcher.subscribe<BattleCreated>([announcer](bus::Envelope envelope, BattleCreated) -> Task<> {
    announcer.hub.publish(std::string{all_battles}, envelope.type, envelope.data,
                          ws::Delivery::must);
    co_return;
  });
  dispatcher.subscribe<BattleResult>(
      [announcer](bus::Envelope envelope, BattleResult result) -> Task<> {
        announcer.on_own(result.battle_id, envelope);
        co_return;
      });
  dispatcher.subscribe<RoundStarted>(
      [announcer](bus::Envelope envelope, RoundStarted round) -> Task<> {
        announcer.on_own(round.battle_id, envelope);
        co_return;
      });
  dispatcher.subscribe<RoundCompleted>(
      [announcer](bus::Envelope envelope, RoundCompleted round) -> Task<> {
        announcer.on_own(round.battle_id, envelope);
        co_return;
      });
  dispatcher.subscribe<BattleCertified>(
      [announcer](bus::Envelope envelope, BattleCertified certified) -> Task<> {
        announcer.hub.publish(channel_of(certified.battle_id), envelope.type, envelope.data,
                              ws::Delivery::must);
        co_return;
      });
  dispatcher.subscribe<BattleCertified>(
      [announcer](bus::Envelope envelope, BattleCertified certified) -> Task<> {
        announcer.hub.publish(channel_of(certified.battle_id), envelope.type, envelope.data,
                              ws::Delivery::must);
        co_return;
      });
  dispatcher.subscribe<EntryCreated>([announcer](bus::Envelope, EntryCreated event) -> Task<> {
    co_await announcer.entry(event.entry_id);
  });
}

}  // namespace wildnout::battles
