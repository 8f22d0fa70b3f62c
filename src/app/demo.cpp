// The demonstration's script: who there is, what they say, how they vote.
#include "app/demo.hpp"

#include <array>

#include "platform/api/refusal.hpp"
#include "platform/log/log.hpp"

namespace wildnout::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t crowd = 150;
constexpr std::size_t live_battles = 6;
constexpr auto beat = 400ms;
constexpr auto announced = 30s;  // before a battle starts
constexpr auto entry_phase = 45s;
constexpr auto voting_phase = 80s;
constexpr std::size_t battles_a_cup = 5;  // every fifth battle is a tournament
constexpr std::int32_t cup_size = 8;
constexpr std::int32_t cup_rounds = 3;
constexpr std::size_t cup_entrants = 7;  // one has a bye
constexpr std::int32_t cup_round_seconds = 30;

constexpr std::array first_names{"Nova",  "Queen", "Lil",  "MC",     "Brick", "Vera",
                                 "Slim",  "Tempo", "Gold", "Dusty",  "Echo",  "Pia",
                                 "Ghost", "Zulu",  "Rex",  "Captain"};
constexpr std::array last_names{"Cipher", "Cadence", "Static", "Undertow", "Sonata",  "Verse",
                                "Orbit",  "Larynx",  "Vinyl",  "Metaphor", "Couplet", "Punchline"};

constexpr std::array titles{"Rooftop Cypher",      "Last Mic Standing", "Diamond Hands Showdown",
                            "Roast of the Week",   "Subway Sixteen",    "Midnight Beef",
                            "Couplets for Crypto", "Wild Style Sunday"};

constexpr std::array bars{
    "I hold my coin like I hold my breath: the chart goes down and I laugh at death.",
    "You rap like dial-up, all noise, no connection; I drop one line and I win the election.",
    "My flow is on chain, every bar confirmed; yours is still pending, and the fees are burned.",
    "They call me the ledger, I keep the score; you opened your mouth and we all wanted the door.",
    "I came with a verse and I left with the crown; you came with a hook and you hooked your own "
    "gown.",
    "Your punchlines need captions, your captions need maps; my silence has rhythm, your rhythm "
    "has "
    "gaps.",
    "I spit in 4K while you buffer on three; the crowd hit replay and the replay was me.",
    "You brought a knife to a cypher of flames; I roast whole line-ups and remember no names."};

}  // namespace

Demo::Demo(App& app) : app_{app}, part_{app.part(0)}, random_{std::random_device{}()} {
  running_ = boost::asio::co_spawn(
      app.process().shards[0].executor(), [this]() -> Task<> { co_await run(); },
      boost::asio::use_future);
}

void Demo::stop() {
  app_.run_on(0, [this]() -> Task<> {
    is_stopping_ = true;
    signal_.raise();
    co_return;
  });
  running_.wait();
}

Task<> Demo::run() {
  while (!is_stopping_) {
    try {
      if (people_.empty()) co_await gather_people();
      co_await step();
    } catch (const std::exception& fault) {
      log::warn("the demonstration stumbled", {{"what", fault.what()}});
    }
    if (!is_stopping_) co_await signal_.wait_for(beat);
  }
  co_await close_battles();
}

Task<> Demo::close_battles() {
  static constexpr std::string_view permissions[] = {"battle:administer"};
  for (const LiveBattle& battle : live_) {
    api::Caller caller = caller_of(people_.front());
    caller.permissions = permissions;
    try {
      co_await part_.battles().battles().cancel(db::Scope{part_.database()}, caller,
                                                {.id = caller.user_id}, battle.id, std::nullopt);
    } catch (const std::exception&) {
      // It ended by itself a moment ago.
    }
  }
}

Task<> Demo::gather_people() {
  identity::Service& users = part_.identity().service();
  people_ = co_await users.demo_users(static_cast<std::int32_t>(crowd));
  while (people_.size() < crowd && !is_stopping_) {
    const std::size_t at = people_.size();
    const std::string name = std::string{first_names[at % first_names.size()]} + " " +
                             last_names[at % last_names.size()];
    people_.push_back(co_await users.make_user(db::Scope{part_.database()}, name, {}, true));
  }
}

Task<> Demo::step() {
  const Timestamp now = system_now();
  std::erase_if(live_, [&](const LiveBattle& battle) { return battle.voting_end_time <= now; });
  if (live_.size() < live_battles) {
    // The first ones start at once and are shorter, so that every phase can be seen soon.
    const bool is_early = opened_ < live_battles - 2;
    const std::chrono::seconds start = is_early ? 0s : std::chrono::seconds{announced};
    const std::chrono::seconds entries =
        is_early ? std::chrono::seconds{6 + 12 * opened_} : std::chrono::seconds{entry_phase};
    co_await open_battle(start, entries);
  }
  for (LiveBattle& battle : live_) {
    if (now < battle.start_time) continue;
    if (now < battle.end_time) {
      co_await enter(battle);
    } else {
      const std::size_t votes = pick(4);
      for (std::size_t i = 0; i < votes; ++i) co_await vote(battle);
    }
  }
}

Task<> Demo::open_battle(std::chrono::seconds start, std::chrono::seconds entries) {
  const Timestamp begin = system_now() + start;
  battles::CreateBattle request{};
  const bool is_cup = opened_ % battles_a_cup == battles_a_cup - 1;
  request.title = Text<3, 120>::of(std::string{titles[opened_ % titles.size()]} +
                                   (is_cup ? " Cup #" : " #") + std::to_string(opened_ + 1));
  request.description = Text<0, 2000>::of("A demonstration battle: made-up people, real counting.");
  request.battle_type = battles::BattleType::wild_style;
  request.start_time = begin;
  request.end_time = begin + entries;
  request.voting_end_time = begin + entries + voting_phase;
  if (is_cup) {
    request.battle_type = battles::BattleType::tournament;
    battles::RulesRequest rules{};
    rules.bracket_size = Patch<Number<4, 64>>{Number<4, 64>::of(cup_size)};
    rules.round_seconds = Patch<Number<1, 604800>>{Number<1, 604800>::of(cup_round_seconds)};
    request.rules = std::move(rules);
    request.voting_end_time =
        begin + entries + cup_rounds * std::chrono::seconds{cup_round_seconds};
  }
  const auto row = co_await part_.battles().battles().create(
      db::Scope{part_.database()}, caller_of(people_[pick(people_.size())]), std::move(request),
      true);
  live_.push_back({row.id,
                   row.start_time,
                   row.end_time,
                   row.voting_end_time,
                   {},
                   {},
                   pick(people_.size()),
                   is_cup ? cup_entrants : 2 + pick(4)});
  ++opened_;
}

Task<> Demo::enter(LiveBattle& battle) {
  const bool is_late = battle.end_time - system_now() < 3s;
  if (battle.entries.size() >= battle.wanted_entries || (!is_late && pick(4) != 0)) co_return;
  battles::CreateEntry request{};
  request.content.type = battles::ContentType::text;
  request.content.body = Text<0, 20000>::of(bars[battle.next_entrant % bars.size()]);
  const UserId author = people_[battle.next_entrant++ % people_.size()];
  try {
    const auto entry = co_await part_.battles().entries().create(
        db::Scope{part_.database()}, caller_of(author), battle.id, std::move(request));
    battle.entries.push_back(entry.id);
    battle.appeal.push_back(1.0 + static_cast<double>(pick(10)));
  } catch (const api::Refused&) {
    // The battle closed a moment ago, or this person is in it already.
  }
}

Task<> Demo::vote(LiveBattle& battle) {
  if (battle.entries.empty()) co_return;
  std::discrete_distribution<std::size_t> choice{battle.appeal.begin(), battle.appeal.end()};
  const EntryId entry = battle.entries[choice(random_)];
  try {
    co_await part_.battles().votes().cast(db::Scope{part_.database()},
                                          caller_of(people_[pick(people_.size())]), battle.id,
                                          entry, boost::asio::ip::address_v4::loopback());
  } catch (const api::Refused&) {
    // Voted before, for themselves, or for who is out of the cup: a crowd does that.
  }
}

std::size_t Demo::pick(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
}

api::Caller Demo::caller_of(UserId user) const {
  api::Caller caller{};
  caller.user_id = user.value;
  caller.session_id = "demo";
  return caller;
}

}  // namespace wildnout::app
