// Battles through the router, on two shards and a real PostgreSQL, many at once.
#include <set>

#include "battles/fixture.hpp"
#include "battles/lifecycle.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

const db::Query<std::int64_t(BattleId)> entries_in_battle{
    "test_entries_in_battle",
    "SELECT count(*) FROM battle_entries WHERE battle_id = $1 AND status = 'submitted'"};
const db::Query<std::int64_t(Uuid, std::string)> events_of{
    "test_events_of", "SELECT count(*) FROM outbox WHERE aggregate_id = $1 AND type = $2"};
const db::Query<void(BattleId)> end_voting_now{
    "test_end_voting_now", "UPDATE battles SET voting_end_time = now_ms() WHERE id = $1"};

class BattlesApi : public test::House {
 protected:
  // A battle that is voting, with as many entries as asked for.
  struct Voting {
    BattleId id;
    std::vector<EntryId> entries;
  };
  Voting voting(std::size_t entries, const std::string& rules = "{}") {
    Voting made{battle(1h, 2h, rules), {}};
    for (std::size_t i = 0; i < entries; ++i) made.entries.push_back(entered(made.id, person()));
    EXPECT_EQ(force(made.id, "voting").status, 200);
    return made;
  }
  std::string path(BattleId id, std::string_view rest = "") {
    return "/battles/" + id.text() + std::string{rest};
  }
};

}  // namespace

TEST_F(BattlesApi, a_battle_is_created_read_and_listed) {
  const BattleId id = battle(1h, 2h);
  const Reply reply = get(path(id));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text("status"), "active");
  EXPECT_EQ(reply.body.at("creator").at("id").as_string(), creator.text());
  EXPECT_FALSE(reply.header("ETag").empty());
  const Reply again =
      call({Method::get, path(id), {}, {}, {{"if-none-match", reply.header("ETag")}}});
  EXPECT_EQ(again.status, 304);
  const Reply list = get("/battles?creatorId=" + creator.text());
  ASSERT_EQ(list.body.at("items").as_array().size(), 1u);
  EXPECT_EQ(call({Method::get,
                  "/battles?creatorId=" + creator.text(),
                  {},
                  {},
                  {{"if-none-match", list.header("ETag")}}})
                .status,
            304);
  EXPECT_EQ(get("/battles/" + BattleId::make().text()).code(), "not_found");
}

TEST_F(BattlesApi, every_fault_of_a_new_battle_is_reported_at_once) {
  const Reply reply = post("/battles", R"({"title":"Test","battleType":"pickUpKillIt",
    "rules":{"minTextLength":9,"maxTextLength":3},"startTime":"2020-01-01T00:00:00Z",
    "endTime":"2019-01-01T00:00:00Z","votingEndTime":"2018-01-01T00:00:00Z"})",
                           creator);
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.code(), "validation_error");
  EXPECT_EQ(reply.body.at("error").at("details").as_array().size(), 5u);
}

TEST_F(BattlesApi, a_thousand_equal_votes_at_once_make_one_row) {
  const Voting battle = voting(2);
  const UserId voter = person();
  const std::vector<Call> calls(1000, vote_call(battle.id, battle.entries[0], voter));
  const auto counts = storm(calls);
  EXPECT_EQ(counts, (std::map<std::string, int>{{"201", 1}, {"already_voted", 999}}));
  EXPECT_EQ(ask(test::votes_in_battle, battle.id), 1);
  EXPECT_TRUE(ask(test::counters_hold, battle.id));
}

TEST_F(BattlesApi, a_quota_is_never_passed_by_votes_at_once) {
  const Voting battle = voting(40, R"({"votesPerUser":3})");
  const UserId voter = person();
  std::vector<Call> calls;
  for (int i = 0; i < 200; ++i) {
    calls.push_back(vote_call(battle.id, battle.entries[i % 40], voter));
  }
  const auto counts = storm(calls);
  EXPECT_EQ(counts.at("201"), 3);
  EXPECT_EQ(ask(test::votes_in_battle, battle.id), 3);
  EXPECT_TRUE(ask(test::counters_hold, battle.id));
  EXPECT_EQ(get(path(battle.id), voter).body.at("viewer").at("votesLeft").as_int64(), 0);
}

TEST_F(BattlesApi, the_same_vote_twice_in_a_batch_takes_one_place_of_the_quota) {
  const Voting battle = voting(2, R"({"votesPerUser":2})");
  const UserId voter = person();
  const auto counts = storm({vote_call(battle.id, battle.entries[0], voter),
                             vote_call(battle.id, battle.entries[0], voter),
                             vote_call(battle.id, battle.entries[1], voter)});
  EXPECT_EQ(counts.at("201"), 2);
}

TEST_F(BattlesApi, no_vote_is_taken_after_the_end_though_nobody_takes_the_step) {
  const Voting battle = voting(2);
  EXPECT_EQ(vote(battle.id, battle.entries[0], person()).status, 201);
  ask(end_voting_now, battle.id);
  EXPECT_EQ(get(path(battle.id)).text("status"), "voting");  // no scheduler here
  EXPECT_EQ(vote(battle.id, battle.entries[0], person()).code(), "battle_not_voting");
  EXPECT_EQ(ask(test::votes_in_battle, battle.id), 1);
}

TEST_F(BattlesApi, five_hundred_at_once_fill_a_battle_of_a_hundred_exactly) {
  const BattleId id = battle(1h, 2h, R"({"maxEntries":100})");
  std::vector<Call> calls;
  for (int i = 0; i < 500; ++i) {
    calls.push_back({Method::post, path(id, "/entries"),
                     R"({"content":{"type":"text","body":"me"}})", person()});
  }
  const auto counts = storm(calls);
  EXPECT_EQ(counts.at("201"), 100);
  EXPECT_EQ(ask(entries_in_battle, id), 100);
  EXPECT_TRUE(ask(test::counters_hold, id));
}

TEST_F(BattlesApi, a_person_enters_once_under_any_race) {
  const BattleId id = battle(1h, 2h);
  const UserId user = person();
  const std::vector<Call> calls(
      50, {Method::post, path(id, "/entries"), R"({"content":{"type":"text","body":"me"}})", user});
  const auto counts = storm(calls);
  EXPECT_EQ(counts, (std::map<std::string, int>{{"201", 1}, {"duplicate_entry", 49}}));
}

TEST_F(BattlesApi, votes_are_refused_for_what_they_are) {
  const Voting battle = voting(2);
  const Voting other = voting(1);
  const UserId voter = person();
  EXPECT_EQ(vote(battle.id, other.entries[0], voter).code(), "not_found");
  EXPECT_EQ(vote(BattleId::make(), battle.entries[0], voter).code(), "not_found");
  const BattleId open = this->battle(1h, 2h);
  const UserId author = person();
  const EntryId early = entered(open, author);
  EXPECT_EQ(vote(open, early, voter).code(), "battle_not_voting");
  ASSERT_EQ(force(open, "voting").status, 200);
  EXPECT_EQ(vote(open, early, author).code(), "own_entry");
  EXPECT_EQ(
      call({Method::post, path(open, "/votes"), R"({"entryId":")" + early.text() + "\"}"}).status,
      401);
}

TEST_F(BattlesApi, a_vote_taken_back_leaves_the_counters_true) {
  const Voting battle = voting(2, R"({"allowVoteRetraction":true})");
  const Voting strict = voting(1);
  const UserId voter = person();
  ASSERT_EQ(vote(battle.id, battle.entries[0], voter).status, 201);
  const std::string one = path(battle.id, "/votes/") + battle.entries[0].text();
  EXPECT_EQ(call({Method::del, one, {}, voter}).status, 204);
  EXPECT_EQ(call({Method::del, one, {}, voter}).status, 404);
  EXPECT_EQ(ask(test::votes_in_battle, battle.id), 0);
  EXPECT_TRUE(ask(test::counters_hold, battle.id));
  ASSERT_EQ(vote(strict.id, strict.entries[0], voter).status, 201);
  EXPECT_EQ(
      call({Method::del, path(strict.id, "/votes/") + strict.entries[0].text(), {}, voter}).status,
      403);
}

TEST_F(BattlesApi, a_repeated_idempotency_key_replays_the_vote) {
  const Voting battle = voting(1);
  const UserId voter = person();
  Call request = vote_call(battle.id, battle.entries[0], voter);
  request.headers.emplace_back("idempotency-key", "key-1");
  const Reply first = call(request);
  const Reply second = call(request);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.text("receipt"), first.text("receipt"));
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(ask(test::votes_in_battle, battle.id), 1);
}

TEST_F(BattlesApi, what_was_written_is_read_at_once_on_every_shard) {
  const Voting battle = voting(3);
  const UserId voter = person();
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(get(path(battle.id), voter).status, 200);  // warms one shard's cache
    ASSERT_EQ(get(path(battle.id), voter).status, 200);  // and the other's
    ASSERT_EQ(vote(battle.id, battle.entries[static_cast<std::size_t>(round)], voter).status, 201);
    for (int shard = 0; shard < 2; ++shard) {
      const Reply reply = get(path(battle.id), voter);
      EXPECT_EQ(reply.body.at("voteCount").as_int64(), round + 1);
      EXPECT_EQ(reply.body.at("viewer").at("votedEntryIds").as_array().size(),
                static_cast<std::size_t>(round + 1));
      EXPECT_EQ(reply.body.at("viewer").at("votesLeft").as_int64(), 2 - round);
    }
  }
}

TEST_F(BattlesApi, results_equal_the_rows_and_come_once) {
  const Voting battle = voting(3);
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(vote(battle.id, battle.entries[i % 5 == 0 ? 0 : 1], person()).status, 201);
  }
  const Reply early = get(path(battle.id, "/results"));
  EXPECT_EQ(early.status, 409);
  EXPECT_FALSE(early.body.at("error").at("details").at("availableAt").as_string().empty());
  ASSERT_EQ(force(battle.id, "completed").status, 200);
  const Reply results = get(path(battle.id, "/results"));
  EXPECT_EQ(results.body.at("totalVotes").as_int64(), 30);
  const auto& ranking = results.body.at("ranking").as_array();
  ASSERT_EQ(ranking.size(), 3u);
  EXPECT_EQ(ranking[0].at("entryId").as_string(), battle.entries[1].text());
  EXPECT_EQ(ranking[0].at("votes").as_int64(), 24);
  EXPECT_EQ(results.text("merkleRoot").size(), 64u);
  EXPECT_EQ(force(battle.id, "completed").code(), "invalid_transition");
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.completed"), 1);
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.result"), 3);
}

TEST_F(BattlesApi, steps_that_fell_due_unseen_happen_once_and_in_order) {
  const BattleId id = battle(1h, 2h);
  ask(test::let_all_fall_due, id);
  std::vector<std::future<void>> sweeps;
  for (int i = 0; i < 8; ++i) {  // as if eight nodes came up at once
    const unsigned shard = static_cast<unsigned>(i % 2);
    sweeps.push_back(start(shard, [this, shard, id]() -> Task<> {
      co_await parts[shard]->database.transact(
          [&](db::Session& session) -> Task<> { co_await advance(session, node, id); });
    }));
  }
  for (auto& sweep : sweeps) sweep.get();
  const Reply history = get(path(id, "/history"));
  std::vector<std::string> steps;
  for (const auto& step : history.body.at("items").as_array()) {
    steps.emplace_back(step.at("to").as_string());
  }
  EXPECT_EQ(steps, (std::vector<std::string>{"upcoming", "active", "voting", "completed"}));
  EXPECT_EQ(ask(events_of, id.value, "battle.completed"), 1);
}

TEST_F(BattlesApi, a_hidden_tally_shows_no_number_before_the_end) {
  const Voting battle = voting(2, R"({"hideTallyUntilEnd":true})");
  ASSERT_EQ(vote(battle.id, battle.entries[0], person()).status, 201);
  EXPECT_TRUE(get(path(battle.id)).body.at("voteCount").is_null());
  EXPECT_TRUE(get(path(battle.id, "/tally")).body.at("entries").is_null());
  EXPECT_TRUE(get(path(battle.id, "/tally")).body.at("totalVotes").is_null());
  EXPECT_TRUE(
      get("/entries/" + battle.entries[0].text()).body.at("metrics").at("voteCount").is_null());
  ASSERT_EQ(force(battle.id, "completed").status, 200);
  EXPECT_EQ(get(path(battle.id)).body.at("voteCount").as_int64(), 1);
  EXPECT_EQ(get(path(battle.id, "/tally")).body.at("totalVotes").as_int64(), 1);
}

TEST_F(BattlesApi, only_its_owner_changes_a_battle_and_only_before_it_starts) {
  const Timestamp now = system_now();
  const Reply made = post("/battles",
                          R"({"title":"Later","battleType":"wildStyle","startTime":")" +
                              text_of(now + 1h) + R"(","endTime":")" + text_of(now + 2h) +
                              R"(","votingEndTime":")" + text_of(now + 3h) + "\"}",
                          creator);
  const std::string one = "/battles/" + made.text("id");
  const std::string etag = get(one).header("ETag");
  EXPECT_EQ(call({Method::patch, one, R"({"title":"Mine now"})", person()}).status, 403);
  EXPECT_EQ(call({Method::patch, one, R"({"title":"Renamed"})", creator, {{"if-match", etag}}})
                .text("title"),
            "Renamed");
  EXPECT_EQ(
      call({Method::patch, one, R"({"title":"Stale"})", creator, {{"if-match", etag}}}).status,
      412);
  EXPECT_EQ(call({Method::patch, one, R"({"featured":true})", creator}).status, 403);
  EXPECT_EQ(call({Method::del, one, {}, creator}).status, 204);
  EXPECT_EQ(get(one).text("status"), "cancelled");
  EXPECT_EQ(get(one + "/results").status, 404);
  const BattleId running = battle(1h, 2h);
  EXPECT_EQ(call({Method::patch, path(running), R"({"title":"Too late"})", creator}).status, 409);
}

TEST_F(BattlesApi, drafts_are_their_owners_alone_and_do_not_count) {
  const BattleId id = battle(1h, 2h);
  const UserId author = person();
  const Reply draft =
      post(path(id, "/entries"), R"({"content":{"type":"text","body":"half a bar"},"draft":true})",
           author);
  ASSERT_EQ(draft.status, 201);
  const std::string one = "/entries/" + draft.text("id");
  EXPECT_EQ(get(one, person()).status, 404);
  EXPECT_EQ(get(one, author).text("status"), "draft");
  EXPECT_EQ(get(path(id)).body.at("entryCount").as_int64(), 0);
  EXPECT_EQ(enter(id, author).status, 201);
  EXPECT_EQ(post(one + "/submit", "", author).code(), "duplicate_entry");
  EXPECT_EQ(call({Method::del, one, {}, author}).status, 204);
  EXPECT_EQ(get(one, author).status, 404);
}

TEST_F(BattlesApi, a_person_keeps_a_bounded_number_of_drafts) {
  const BattleId id = battle(1h, 2h);
  const UserId author = person();
  const std::string draft = R"({"content":{"type":"text","body":"a bar"},"draft":true})";
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(post(path(id, "/entries"), draft, author).status, 201);
  }
  EXPECT_EQ(post(path(id, "/entries"), draft, author).code(), "conflict");
}

TEST_F(BattlesApi, a_withdrawn_entry_gives_its_place_back) {
  const BattleId id = battle(1h, 2h, R"({"maxEntries":1})");
  const UserId author = person();
  const EntryId entry = entered(id, author);
  EXPECT_EQ(enter(id, person()).code(), "conflict");
  EXPECT_EQ(call({Method::del, "/entries/" + entry.text(), {}, person()}).status, 403);
  EXPECT_EQ(call({Method::del, "/entries/" + entry.text(), {}, author}).status, 204);
  EXPECT_EQ(enter(id, person()).status, 201);
  EXPECT_TRUE(ask(test::counters_hold, id));
}

TEST_F(BattlesApi, lists_go_on_where_they_stopped_while_rows_are_added) {
  for (int i = 0; i < 5; ++i) (void)battle(1h, 2h);
  const std::string filter = "/battles?creatorId=" + creator.text();
  for (const char* sort : {"newest", "endingSoon", "mostVotes", "trending"}) {
    const std::string list = filter + "&limit=2&sort=" + sort;
    std::set<std::string> seen;
    Reply page = get(list);
    for (int pages = 1;; ++pages) {
      for (const auto& item : page.body.at("items").as_array()) {
        EXPECT_TRUE(seen.insert(std::string{item.at("id").as_string()}).second) << sort;
      }
      if (page.body.at("nextCursor").is_null()) break;
      const std::string cursor{page.body.at("nextCursor").as_string()};
      if (pages == 1 && std::string_view{sort} != "newest") {
        EXPECT_EQ(get(filter + "&limit=2&sort=newest&cursor=" + cursor).code(), "invalid_cursor");
      }
      page = get(list + "&cursor=" + cursor);
      ASSERT_EQ(page.status, 200);
    }
    EXPECT_EQ(seen.size(), 5u) << sort;
  }
  EXPECT_EQ(get(filter + "&cursor=forged").code(), "invalid_cursor");
  EXPECT_EQ(get(filter + "&limit=0").code(), "validation_error");
}

TEST_F(BattlesApi, entries_are_listed_newest_top_and_shuffled_the_same_way_for_one_viewer) {
  const Voting battle = voting(6);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(vote(battle.id, battle.entries[4], person()).status, 201);
  const auto ids = [&](const std::string& query, UserId viewer) {
    std::vector<std::string> found;
    const Reply reply = get(path(battle.id, "/entries") + query, viewer);
    for (const auto& item : reply.body.at("items").as_array()) {
      found.emplace_back(item.at("id").as_string());
    }
    return found;
  };
  const UserId viewer = person();
  EXPECT_EQ(ids("?sort=top", viewer).front(), battle.entries[4].text());
  EXPECT_EQ(ids("", viewer).front(), battle.entries[5].text());
  EXPECT_EQ(ids("?sort=random", viewer), ids("?sort=random", viewer));
  EXPECT_EQ(ids("?sort=random", viewer).size(), 6u);
}

}  // namespace wildnout::battles
