// Tournaments through the router, on two shards and a real PostgreSQL.
#include <algorithm>
#include <thread>

#include "battles/bracket.hpp"
#include "battles/fixture.hpp"
#include "battles/lifecycle.hpp"
#include "battles/repository.hpp"
#include "platform/crypto/digest.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

const db::Query<std::string(BattleId)> steps_of{"test_steps_of", R"sql(
  SELECT coalesce(string_agg(to_status, ' ' ORDER BY step), '') FROM battle_history
  WHERE battle_id = $1)sql"};
const db::Query<std::int64_t(Uuid, std::string)> told{
    "test_told", "SELECT count(*) FROM outbox WHERE aggregate_id = $1 AND type = $2"};
const db::Query<void(EntryId)> leave_unapproved{
    "test_leave_unapproved",
    "UPDATE battle_entries SET moderation_status = 'pending' WHERE id = $1"};

class Tournaments : public test::House {
 protected:
  struct Made {
    BattleId id;
    std::vector<UserId> people;
    std::vector<EntryId> entries;
  };

  static std::string path(BattleId id, std::string_view rest = "") {
    return "/battles/" + id.text() + std::string{rest};
  }
  // Registration under way with so many entrants; rounds of an hour unless `rules` say otherwise.
  Made registered(std::int32_t size, std::size_t entrants, std::string rules = "",
                  std::chrono::milliseconds entering = 1h, std::chrono::milliseconds pause = 0ms) {
    if (rules.empty()) rules = R"(,"roundHours":1)";
    const Timestamp now = system_now();
    const Reply reply = post("/battles",
                             R"({"title":"Cup","battleType":"tournament","rules":{"bracketSize":)" +
                                 std::to_string(size) + rules + R"(},"startTime":")" +
                                 text_of(now) + R"(","endTime":")" + text_of(now + entering) +
                                 R"(","votingStartTime":")" + text_of(now + entering + pause) +
                                 R"(","votingEndTime":")" + text_of(now + entering + 24h) + "\"}",
                             creator);
    EXPECT_EQ(reply.status, 201) << boost::json::serialize(reply.body);
    Made made{BattleId{*Uuid::parse(reply.text("id"))}, {}, {}};
    for (std::size_t i = 0; i < entrants; ++i) {
      made.people.push_back(person());
      made.entries.push_back(entered(made.id, made.people.back()));
    }
    return made;
  }
  Made drawn(std::int32_t size, std::size_t entrants, std::string rules = "") {
    Made made = registered(size, entrants, std::move(rules));
    EXPECT_EQ(force(made.id, "voting").status, 200);
    return made;
  }
  boost::json::value bracket(BattleId id) { return get(path(id, "/bracket")).body; }
  static BattleId round_id(const boost::json::value& bracket, std::size_t round) {
    const auto& shown = bracket.at("rounds").as_array().at(round - 1).at("battleId");
    return BattleId{*Uuid::parse(std::string_view{shown.as_string()})};
  }
  static EntryId entry_of(const boost::json::value& side) {
    return EntryId{*Uuid::parse(std::string_view{side.at("entryId").as_string()})};
  }
  static boost::json::array pairings(const boost::json::value& bracket, std::size_t round) {
    return bracket.at("rounds").as_array().at(round - 1).at("pairings").as_array();
  }
  UserId owner_of(const Made& made, EntryId entry) {
    const auto found = std::find(made.entries.begin(), made.entries.end(), entry);
    return made.people.at(static_cast<std::size_t>(found - made.entries.begin()));
  }
  Reply disqualify(const Made& made, EntryId entry) {
    return call({Method::post,
                 path(made.id, "/entries/" + entry.text() + "/disqualify"),
                 R"({"reason":"somebody else's bars"})",
                 creator,
                 {{"x-role", "admin"}}});
  }
  // In a round, lets side a win every pairing that votes, ends the round.
  void play(const Made& made, std::size_t round) {
    const BattleId battle = round_id(bracket(made.id), round);
    for (const auto& pairing : pairings(bracket(made.id), round)) {
      if (pairing.at("status").as_string() != "voting") continue;
      EXPECT_EQ(vote(battle, entry_of(pairing.at("a")), person()).status, 201);
    }
    EXPECT_EQ(force(battle, "completed").status, 200);
  }
};

}  // namespace

TEST_F(Tournaments, without_entrants_end_without_a_champion) {
  const Made none = drawn(4, 0);
  EXPECT_EQ(get(path(none.id)).text("status"), "completed");
  EXPECT_TRUE(bracket(none.id).at("champion").is_null());
  EXPECT_TRUE(bracket(none.id).at("rounds").as_array().empty());
  EXPECT_TRUE(get(path(none.id, "/results")).body.at("ranking").as_array().empty());
}

TEST_F(Tournaments, of_one_entrant_have_their_champion_at_once) {
  const Made one = drawn(4, 1);
  EXPECT_EQ(entry_of(bracket(one.id).at("champion")), one.entries[0]);
  const auto results = get(path(one.id, "/results")).body;
  EXPECT_EQ(entry_of(results.at("ranking").as_array().at(0)), one.entries[0]);
  EXPECT_EQ(ask(told, one.id.value, std::string{"battle.result"}), 1);
}

TEST_F(Tournaments, of_any_number_of_entrants_end_with_the_one_who_always_won) {
  for (const std::size_t entrants : {2, 3, 5, 8, 11}) {
    const Made made = drawn(16, entrants);
    const auto rounds = bracket(made.id).at("rounds").as_array().size();
    EXPECT_EQ(std::ssize(std::vector<int>(rounds)),
              round_count(bracket_places(static_cast<std::int32_t>(entrants))));
    for (std::size_t round = 1; round <= rounds; ++round) play(made, round);
    EXPECT_EQ(get(path(made.id)).text("status"), "completed");
    const auto end = bracket(made.id);
    // Seed 1 stands on side a wherever it is.
    EXPECT_EQ(end.at("champion").at("seed").as_int64(), 1);
    const auto ranking = get(path(made.id, "/results")).body.at("ranking").as_array();
    ASSERT_EQ(ranking.size(), entrants);
    EXPECT_EQ(entry_of(ranking[0]), entry_of(end.at("champion")));
    const auto final = pairings(end, rounds).at(0);
    const auto& runner_up = final.at("winner") == final.at("a") ? final.at("b") : final.at("a");
    EXPECT_EQ(entry_of(ranking[1]), entry_of(runner_up));
    EXPECT_EQ(ask(steps_of, made.id), "upcoming active voting completed");
    for (std::size_t round = 1; round <= rounds; ++round) {
      EXPECT_EQ(ask(steps_of, round_id(end, round)), "upcoming voting completed");
    }
    EXPECT_EQ(ask(told, made.id.value, std::string{"battle.roundStarted"}), std::int64_t(rounds));
    EXPECT_EQ(ask(told, made.id.value, std::string{"battle.roundCompleted"}), std::int64_t(rounds));
    EXPECT_EQ(ask(told, made.id.value, std::string{"battle.result"}), std::int64_t(entrants));
  }
}

TEST_F(Tournaments, publish_a_draw_that_anybody_can_make_again) {
  const Made made = registered(16, 9);
  const auto before = bracket(made.id).at("seeding");
  EXPECT_TRUE(before.at("secret").is_null());
  EXPECT_EQ(force(made.id, "voting").status, 200);
  const auto after = bracket(made.id);
  EXPECT_EQ(after.at("seeding").at("commitment"), before.at("commitment"));
  const auto octets =
      crypto::parse_hex(std::string_view{after.at("seeding").at("secret").as_string()});
  Hash secret{};
  std::copy(octets->begin(), octets->end(), secret.begin());
  EXPECT_EQ(crypto::hex(crypto::ByteView{seeding_commitment(secret)}),
            std::string_view{before.at("commitment").as_string()});
  const auto seeded = seed_entries(secret, made.entries);
  EXPECT_EQ(after.at("size").as_int64(), 16);
  for (const auto& pairing : pairings(after, 1)) {
    for (const char* side : {"a", "b"}) {
      if (pairing.at(side).is_null()) continue;
      const auto seed = static_cast<std::size_t>(pairing.at(side).at("seed").as_int64());
      EXPECT_EQ(entry_of(pairing.at(side)), seeded[seed - 1]);
    }
  }
}

TEST_F(Tournaments, give_a_voter_one_vote_a_pairing_however_many_are_sent_at_once) {
  const Made made = drawn(4, 4);
  const BattleId round = round_id(bracket(made.id), 1);
  const UserId voter = person();
  std::vector<Call> calls;
  for (int i = 0; i < 50; ++i) {
    for (const EntryId entry : made.entries) calls.push_back(vote_call(round, entry, voter));
  }
  EXPECT_EQ(storm(calls), (std::map<std::string, int>{{"201", 2}, {"already_voted", 198}}));
  EXPECT_EQ(ask(test::votes_in_battle, round), 2);
  EXPECT_TRUE(ask(test::counters_hold, round));
  EXPECT_EQ(get(path(round), voter).body.at("viewer").at("votesLeft").as_int64(), 0);
  EXPECT_EQ(get(path(round), person()).body.at("viewer").at("votesLeft").as_int64(), 2);
}

TEST_F(Tournaments, count_a_vote_on_the_tournament_in_the_round_that_votes) {
  const Made made = drawn(4, 4);
  const BattleId round = round_id(bracket(made.id), 1);
  const Reply direct = vote(made.id, made.entries[0], person());
  EXPECT_EQ(direct.status, 201);
  EXPECT_EQ(direct.text("battleId"), round.text());
  // The round's own entries are taken too, and own entries are refused by either name.
  const auto pairing = pairings(bracket(made.id), 1).at(0);
  const EntryId copy{
      *Uuid::parse(std::string_view{pairing.at("roundEntryIds").at("a").as_string()})};
  EXPECT_EQ(vote(round, copy, person()).status, 201);
  EXPECT_EQ(vote(made.id, made.entries[1], made.people[1]).code(), "own_entry");
  EXPECT_EQ(vote(made.id, EntryId::make(), person()).code(), "not_found");
}

TEST_F(Tournaments, deal_the_ballots_of_the_round_that_votes) {
  const Made made = drawn(4, 4);
  const Reply ballot = get(path(made.id, "/ballot"), person());
  EXPECT_EQ(ballot.text("battleId"), round_id(bracket(made.id), 1).text());
  EXPECT_EQ(ballot.body.at("items").as_array().size(), 3u);
  ASSERT_EQ(force(made.id, "cancelled").status, 200);
  EXPECT_EQ(get(path(made.id, "/ballot"), person()).code(), "battle_not_voting");
}

TEST_F(Tournaments, keep_their_rounds_to_themselves) {
  const Made made = drawn(4, 4);
  const BattleId round = round_id(bracket(made.id), 1);
  EXPECT_EQ(get(path(round)).text("parentId"), made.id.text());
  const auto items = get("/battles?creatorId=" + creator.text()).body.at("items").as_array();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].at("id").as_string(), made.id.text());
  EXPECT_EQ(get("/battles?parentId=" + made.id.text()).body.at("items").as_array().size(), 1u);
  EXPECT_EQ(enter(round, person()).code(), "battle_not_active");
  const std::vector<std::pair<std::string, std::string>> admin{{"x-role", "admin"}};
  EXPECT_EQ(call({Method::patch, path(round), R"({"title":"Mine"})", creator, admin}).code(),
            "conflict");
  EXPECT_EQ(call({Method::del, path(round), {}, creator, admin}).code(), "conflict");
  EXPECT_EQ(force(round, "cancelled").code(), "conflict");
  EXPECT_EQ(force(round, "voting").code(), "invalid_transition");
  EXPECT_EQ(get(path(round, "/bracket")).status, 404);
}

TEST_F(Tournaments, take_their_round_along_when_they_are_cancelled) {
  const Made made = drawn(4, 4);
  const BattleId round = round_id(bracket(made.id), 1);
  EXPECT_EQ(force(made.id, "cancelled").status, 200);
  EXPECT_EQ(get(path(round)).text("status"), "cancelled");
  EXPECT_EQ(vote(round, made.entries[0], person()).code(), "battle_not_voting");
}

TEST_F(Tournaments, can_be_ended_as_a_whole) {
  const Made made = drawn(8, 7);
  EXPECT_EQ(force(made.id, "completed").status, 200);
  const auto end = bracket(made.id);
  EXPECT_FALSE(end.at("champion").is_null());
  for (std::size_t round = 1; round <= 3; ++round) {
    EXPECT_EQ(ask(steps_of, round_id(end, round)), "upcoming voting completed");
  }
  EXPECT_EQ(get(path(made.id, "/results")).body.at("ranking").as_array().size(), 7u);
}

TEST_F(Tournaments, let_who_is_not_there_forfeit) {
  const Made made = registered(4, 4);
  ask(leave_unapproved, made.entries[0]);
  EXPECT_EQ(vote(made.id, made.entries[1], person()).code(), "battle_not_voting");
  EXPECT_EQ(force(made.id, "voting").status, 200);
  const BattleId round = round_id(bracket(made.id), 1);
  auto first = pairings(bracket(made.id), 1);
  // The one who is not there stands first or second in one of the two pairings.
  if (first[1].at("status").as_string() == "forfeited") std::swap(first[0], first[1]);
  const bool is_a = entry_of(first[0].at("a")) == made.entries[0];
  EXPECT_EQ(entry_of(first[0].at(is_a ? "a" : "b")), made.entries[0]);
  EXPECT_EQ(first[0].at("status").as_string(), "forfeited");
  EXPECT_EQ(first[0].at("winner"), first[0].at(is_a ? "b" : "a"));
  const EntryId leaving = entry_of(first[1].at("b"));
  const auto id_of_pairing = first[1].at("id");
  // Leaving in the middle of a round forfeits at once, whatever the votes.
  EXPECT_EQ(vote(round, leaving, person()).status, 201);
  EXPECT_EQ(call({Method::del, "/entries/" + leaving.text(), {}, owner_of(made, leaving)}).status,
            204);
  first = pairings(bracket(made.id), 1);
  if (first[1].at("id") != id_of_pairing) std::swap(first[0], first[1]);
  EXPECT_EQ(first[1].at("status").as_string(), "forfeited");
  EXPECT_EQ(first[1].at("winner"), first[1].at("a"));
  EXPECT_EQ(vote(round, leaving, person()).code(), "not_found");
  EXPECT_EQ(force(round, "completed").status, 200);
  play(made, 2);
  const auto ranking = get(path(made.id, "/results")).body.at("ranking").as_array();
  EXPECT_EQ(ranking.size(), 2u);
}

TEST_F(Tournaments, begin_a_round_early_when_an_administrator_says_so) {
  const Made made = registered(4, 4, R"(,"roundHours":2)", 1500ms, 1h);
  std::this_thread::sleep_for(1600ms);
  on(0, [&]() -> Task<> {
    co_await parts[0]->database.transact(
        [&](db::Session& session) -> Task<> { co_await advance(session, node, made.id); });
  });
  const BattleId round = round_id(bracket(made.id), 1);
  EXPECT_EQ(get(path(round)).text("status"), "upcoming");
  EXPECT_EQ(vote(made.id, made.entries[0], person()).code(), "battle_not_voting");
  EXPECT_EQ(vote(round, made.entries[0], person()).code(), "battle_not_voting");
  EXPECT_EQ(force(round, "completed").code(), "invalid_transition");
  EXPECT_EQ(force(round, "voting").status, 200);
  EXPECT_EQ(vote(round, made.entries[0], person()).status, 201);
  const auto shown = bracket(made.id).at("rounds").as_array().at(0);
  const auto begins = parse_timestamp(std::string_view{shown.at("startsAt").as_string()});
  const auto ends = parse_timestamp(std::string_view{shown.at("endsAt").as_string()});
  EXPECT_EQ(*ends - *begins, 2h);
}

TEST_F(Tournaments, put_out_whom_an_administrator_disqualifies) {
  const Made made = drawn(4, 4);
  auto first = pairings(bracket(made.id), 1);
  const EntryId out = entry_of(first[0].at("a"));
  EXPECT_EQ(post(path(made.id, "/entries/" + out.text() + "/disqualify"), R"({"reason":"why not"})",
                 creator)
                .code(),
            "forbidden");
  const BattleId round = round_id(bracket(made.id), 1);
  EXPECT_EQ(disqualify(made, out).text("status"), "removed");
  EXPECT_EQ(disqualify(made, out).code(), "conflict");
  const auto shown = bracket(made.id);
  EXPECT_EQ(pairings(shown, 1).at(0).at("winner"), pairings(shown, 1).at(0).at("b"));
  EXPECT_EQ(shown.at("disqualifications").as_array().at(0).at("entryId").as_string(), out.text());
  // The winner of a round who is put out before the next: whom they meet goes on.
  EXPECT_EQ(force(round, "completed").status, 200);
  const auto final = pairings(bracket(made.id), 2).at(0);
  EXPECT_EQ(disqualify(made, entry_of(final.at("a"))).status, 200);
  EXPECT_EQ(disqualify(made, entry_of(final.at("b"))).status, 200);
  const BattleId last = round_id(bracket(made.id), 2);
  EXPECT_EQ(force(last, "completed").status, 200);
  EXPECT_TRUE(bracket(made.id).at("champion").is_null());
  // Nobody won: nobody has rank 1.
  const auto ranking = get(path(made.id, "/results")).body.at("ranking").as_array();
  ASSERT_EQ(ranking.size(), 1u);
  EXPECT_EQ(ranking[0].at("rank").as_int64(), 2);
}

TEST_F(Tournaments, hide_the_votes_of_a_round_until_it_has_ended) {
  const Made made = drawn(4, 4, R"(,"roundHours":1,"hideTallyUntilEnd":true)");
  const BattleId round = round_id(bracket(made.id), 1);
  const EntryId chosen = entry_of(pairings(bracket(made.id), 1).at(0).at("b"));
  EXPECT_EQ(vote(round, chosen, person()).status, 201);
  EXPECT_TRUE(pairings(bracket(made.id), 1).at(0).at("votes").at("b").is_null());
  EXPECT_EQ(force(round, "completed").status, 200);
  EXPECT_EQ(pairings(bracket(made.id), 1).at(0).at("votes").at("b").as_int64(), 1);
  EXPECT_EQ(entry_of(pairings(bracket(made.id), 2).at(0).at("a")), chosen);
}

TEST_F(Tournaments, take_each_step_once_on_whichever_node_and_catch_up_in_order) {
  const Made made = registered(8, 6, R"(,"roundSeconds":1)", 1500ms);
  const auto drive = [&](unsigned shard) {
    return start(shard, [this, shard, id = made.id]() -> Task<bool> {
      for (int i = 0; i < 3000; ++i) {
        co_await parts[shard]->database.transact(
            [&](db::Session& session) -> Task<> { co_await advance(session, node, id); });
        const auto row = co_await find_battle(parts[shard]->database.session(), id);
        if (row->status == Status::completed) co_return true;
        co_await async::sleep_for(10ms);
      }
      co_return false;
    });
  };
  std::vector<std::future<bool>> drivers;
  for (unsigned i = 0; i < 8; ++i) drivers.push_back(drive(i % 2));
  for (auto& driver : drivers) EXPECT_TRUE(driver.get());
  const auto end = bracket(made.id);
  EXPECT_EQ(ask(steps_of, made.id), "upcoming active voting completed");
  for (std::size_t round = 1; round <= 3; ++round) {
    EXPECT_EQ(ask(steps_of, round_id(end, round)), "upcoming voting completed");
    // Each round votes as long as it should, from the end of the one before.
    const auto& shown = end.at("rounds").as_array().at(round - 1);
    const auto begins = parse_timestamp(std::string_view{shown.at("startsAt").as_string()});
    const auto ends = parse_timestamp(std::string_view{shown.at("endsAt").as_string()});
    EXPECT_EQ(*ends - *begins, 1s);
  }
  EXPECT_EQ(ask(told, made.id.value, std::string{"battle.roundCompleted"}), 3);

  // Nobody was there to step: all that was missed happens at once, in order.
  const Made late = registered(4, 4, R"(,"roundSeconds":1)", 1500ms);
  std::this_thread::sleep_for(4s);
  on(0, [&]() -> Task<> {
    co_await parts[0]->database.transact(
        [&](db::Session& session) -> Task<> { co_await advance(session, node, late.id); });
  });
  EXPECT_EQ(get(path(late.id)).text("status"), "completed");
  EXPECT_EQ(ask(told, late.id.value, std::string{"battle.roundStarted"}), 2);
}

}  // namespace wildnout::battles
