// Drawing crowds and organised votes from a seed.
#include "fair_play/scenes.hpp"

#include <algorithm>
#include <cmath>

namespace wildnout::bench {
namespace {

using battles::fair_play::Fact;
using std::chrono::milliseconds;

constexpr Timestamp opening{milliseconds{1'800'000'000'000}};
constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

// Only the engine is the standard's: its distributions differ from library to library.
class Painter {
 public:
  explicit Painter(std::uint64_t seed) : random_{seed} {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    const auto range = static_cast<std::uint64_t>(high - low + 1);
    return low + static_cast<std::int64_t>(random_() % range);
  }
  bool chance(double p) { return unit() < p; }
  double unit() { return static_cast<double>(random_() >> 11U) * 0x1p-53; }
  std::int64_t exponential(double mean) {
    return static_cast<std::int64_t>(-mean * std::log(1 - unit()));
  }
  Uuid id() {
    Uuid made;
    for (auto& byte : made.bytes) byte = static_cast<std::uint8_t>(random_());
    return made;
  }

 private:
  std::mt19937_64 random_;
};

struct Vote {
  std::uint32_t entry;
  std::int64_t at;   // milliseconds into the vote
  std::int64_t age;  // of the account, milliseconds
  std::int64_t network;
};

class Battle {
 public:
  explicit Battle(std::uint64_t seed) : paint_{seed} {
    const std::int64_t entries = paint_.chance(0.3) ? 2 : paint_.between(3, 40);
    for (std::int64_t i = 0; i < entries; ++i) {
      scene_.facts.entries.push_back({EntryId{paint_.id()}, UserId{paint_.id()}});
      appeal_.push_back(0.2 + paint_.unit());
    }
    new_share_ = paint_.chance(0.3) ? 0.2 + 0.5 * paint_.unit() : 0.15 * paint_.unit();
    carriers_ = paint_.between(2, 12);
    carrier_share_ = 0.3 * paint_.unit();
  }

  Scene take() { return std::move(scene_); }

  void draw_honest() {
    const std::int64_t voters =
        paint_.chance(0.2) ? paint_.between(1500, 3000) : paint_.between(200, 1500);
    for (std::int64_t i = 0; i < voters; ++i) {
      // Interest wanes: half of the crowd comes in the first third.
      const double when = paint_.unit();
      cast({favourite(), static_cast<std::int64_t>(when * when * static_cast<double>(hour)),
            age(new_share_), address()});
    }
    if (paint_.chance(0.4)) draw_campus();
    if (paint_.chance(0.3)) draw_class();
    if (paint_.chance(0.3)) draw_streamer();
    if (paint_.chance(0.25)) draw_countdown();
    if (paint_.chance(0.2)) stall();
  }

  void draw_attack(Attack attack) {
    is_organised_ = true;
    const std::int64_t size = paint_.between(20, 120);
    const std::uint32_t entry = any_entry();
    const std::int64_t network = fresh_network();
    const std::int64_t start = paint_.between(0, hour - minute);
    const std::int64_t gap = paint_.between(3 * second, 20 * second);
    const std::int64_t lag = paint_.between(2 * second, 20 * second);
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t at_once = start + paint_.between(0, 2 * second);
      const std::int64_t some_time = paint_.between(0, hour);
      const std::int64_t fresh = paint_.between(minute, 12 * hour);
      const std::int64_t old = paint_.between(10 * day, 400 * day);
      switch (attack) {
        case Attack::none:
          break;
        case Attack::ring_behind_address:
          cast({entry, at_once, fresh, network});
          break;
        case Attack::farm_of_addresses:
          cast({entry, at_once, fresh, fresh_network()});
          break;
        case Attack::steady_drip:
          cast({entry, start / 4 + gap * i + paint_.between(0, 40), fresh, network});
          break;
        case Attack::register_and_vote:
          cast({entry, some_time, lag + paint_.between(0, 300), network});
          break;
        case Attack::patient_farm:
          cast({entry, some_time, fresh, network});
          break;
        case Attack::old_accounts:
          cast({entry, at_once, old, network});
          break;
        case Attack::hidden_farm:
          cast({entry, some_time, old, fresh_network()});
          break;
        case Attack::authors_ring:
          break;
      }
    }
    if (attack == Attack::authors_ring) draw_authors_ring();
    is_organised_ = false;
  }

 private:
  void cast(const Vote& vote) { cast_by(vote, UserId{paint_.id()}); }
  void cast_by(const Vote& vote, UserId voter) {
    const Timestamp at = opening + milliseconds{vote.at};
    scene_.facts.votes.push_back(
        {VoteId{paint_.id()}, voter, at, at - milliseconds{vote.age}, vote.network, vote.entry});
    scene_.is_organised.push_back(is_organised_);
  }

  std::uint32_t any_entry() {
    return static_cast<std::uint32_t>(
        paint_.between(0, static_cast<std::int64_t>(appeal_.size()) - 1));
  }
  std::uint32_t favourite() {
    double whole = 0;
    for (const double one : appeal_) whole += one;
    double at = paint_.unit() * whole;
    std::uint32_t entry = 0;
    while (entry + 1 < appeal_.size() && at >= appeal_[entry]) at -= appeal_[entry++];
    return entry;
  }
  std::int64_t age(double share_of_new) {
    return paint_.chance(share_of_new) ? paint_.between(20 * second, 20 * hour)
                                       : paint_.between(2 * day, 800 * day);
  }
  // Homes hold one to four voters; a carrier's address hides a good part of the crowd.
  std::int64_t address() {
    if (paint_.chance(carrier_share_)) return paint_.between(1, carriers_);
    return 1'000'000 + paint_.between(0, 4000);
  }
  std::int64_t fresh_network() {
    return 2'000'000 + static_cast<std::int64_t>(paint_.between(0, 1LL << 40U));
  }

  // A dormitory's address: many voters, many of them new, tastes of their own with a local hero.
  void draw_campus() {
    const std::int64_t network = fresh_network();
    const std::uint32_t hero = any_entry();
    const std::int64_t size = paint_.between(20, 80);
    for (std::int64_t i = 0; i < size; ++i) {
      cast({paint_.chance(0.5) ? hero : favourite(), paint_.between(0, hour), age(0.4), network});
    }
  }
  // A class signs up for a friend within some minutes, behind the school's address.
  void draw_class() {
    const std::int64_t network = fresh_network();
    const std::uint32_t friends = any_entry();
    const std::int64_t start = paint_.between(0, 50 * minute);
    const std::int64_t size = paint_.between(12, 35);
    for (std::int64_t i = 0; i < size; ++i) {
      cast({friends, start + paint_.between(0, 6 * minute), age(0.85), network});
    }
  }
  // A call on a stream: up within twenty seconds, down over a minute or two, half of them new.
  void draw_streamer() {
    const std::uint32_t called_for = any_entry();
    const std::int64_t start = paint_.between(0, 50 * minute);
    const std::int64_t size = paint_.between(60, 600);
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t at = start + paint_.between(0, 10 * second) +
                              paint_.between(0, 10 * second) + paint_.exponential(40'000);
      cast({called_for, at, age(0.5), address()});
    }
  }
  // A lecture hall counts down to one: one address, three seconds, the accounts they have.
  void draw_countdown() {
    const std::int64_t network = fresh_network();
    const std::uint32_t called_for = any_entry();
    const std::int64_t start = paint_.between(0, 59 * minute);
    const std::int64_t size = paint_.between(12, 40);
    for (std::int64_t i = 0; i < size; ++i) {
      cast({called_for, start + paint_.between(0, 3 * second), age(0.25), network});
    }
  }
  // The server holds votes up for some seconds and then writes them at one instant.
  void stall() {
    const Timestamp end = opening + milliseconds{paint_.between(minute, hour)};
    const milliseconds length{paint_.between(2 * second, 10 * second)};
    for (Fact& fact : scene_.facts.votes) {
      if (fact.at > end - length && fact.at < end) {
        fact.account_made += end - fact.at;
        fact.at = end;
      }
    }
  }
  // Five entrants, two earlier battles of theirs remembered; they vote over the whole hour.
  void draw_authors_ring() {
    const std::size_t size = std::min<std::size_t>(5, appeal_.size());
    for (std::uint32_t i = 0; i < size; ++i) {
      const UserId voter = scene_.facts.entries[i].author;
      for (std::uint32_t j = 0; j < size; ++j) {
        if (i == j) continue;
        cast_by({j, paint_.between(0, hour), 90 * day, fresh_network()}, voter);
        scene_.facts.ties.push_back(
            {voter, scene_.facts.entries[j].author, 2, 2 * std::log10(20.0)});
      }
    }
  }

  Painter paint_;
  Scene scene_;
  std::vector<double> appeal_;
  double new_share_ = 0;
  std::int64_t carriers_ = 0;
  double carrier_share_ = 0;
  bool is_organised_ = false;
};

}  // namespace

std::string_view name_of(Attack attack) {
  switch (attack) {
    case Attack::none:
      return "honest battles";
    case Attack::ring_behind_address:
      return "fresh accounts, one address, 2 s";
    case Attack::farm_of_addresses:
      return "fresh accounts, an address each, 2 s";
    case Attack::steady_drip:
      return "one address, equal gaps";
    case Attack::register_and_vote:
      return "one address, register and vote at once";
    case Attack::authors_ring:
      return "entrants who vote for each other alone";
    case Attack::patient_farm:
      return "fresh accounts, one address, over an hour";
    case Attack::old_accounts:
      return "old accounts, one address, 2 s";
    case Attack::hidden_farm:
      return "old accounts, an address each, over an hour";
  }
  return {};
}

Scene make_scene(Attack attack, std::uint64_t seed) {
  Battle battle{seed};
  battle.draw_honest();
  if (attack != Attack::none) battle.draw_attack(attack);
  return battle.take();
}

}  // namespace wildnout::bench
