// Results between the end of voting and their certificate: detectors, moderators, both at once.
#include <rapidcheck.h>

#include <set>
#include <thread>

#include "battles/certification.hpp"
#include "battles/examination.hpp"
#include "battles/fixture.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

constexpr auto patience = 30s;
constexpr std::int64_t own_address = 0;  // each voter of a crowd has one

// So many votes for an entry by new accounts of that age, at random times from one on. `network`:
// the one they share, or own_address. Counters are kept.
const db::Query<void(BattleId, EntryId, std::int32_t, Timestamp, std::int32_t, std::int32_t,
                     std::int64_t)>
    insert_crowd{"test_insert_crowd", R"sql(
  WITH people AS (
    INSERT INTO users (id, display_name, created_at)
    SELECT gen_random_uuid(), 'Crowd', $4::timestamptz - ($6 + i * 7 % 1000) * interval '1 second'
    FROM generate_series(1, $3) AS i RETURNING id),
  cast_votes AS (
    INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, created_at, network)
    SELECT $1, id, $2, gen_random_uuid(), 1, gen_random_uuid(),
      $4::timestamptz + (hashtextextended(id::text, 2) & 1073741823) % $5
                        * interval '1 millisecond',
      CASE WHEN $7 = 0 THEN hashtextextended(id::text, 1) ELSE $7 END
    FROM people),
  entry_counted AS (UPDATE battle_entries SET vote_count = vote_count + $3 WHERE id = $2)
  UPDATE battles SET vote_count = vote_count + $3 WHERE id = $1)sql"};
const db::Query<std::int64_t(Uuid, std::string)> events_of{
    "test_certification_events",
    "SELECT count(*) FROM outbox WHERE aggregate_id = $1 AND type = $2"};
const db::Query<void(BattleId)> let_window_end{"test_let_window_end", R"sql(
  UPDATE battle_results SET certifies_at = now_ms() - interval '1 minute'
  WHERE battle_id = $1)sql"};
const db::Query<void(std::string)> let_job_be_due{
    "test_let_job_be_due", "UPDATE jobs SET run_at = now_ms() WHERE unique_key = $1"};
const db::Query<void(std::string)> lose_job{"test_lose_job",
                                            "DELETE FROM jobs WHERE unique_key = $1"};
// What was counted, row by row: everything but how often it was counted.
const db::Query<std::string(BattleId)> whole_state{"test_whole_state", R"sql(
  SELECT json_build_array(
    (SELECT json_agg(json_build_array(id, entry_id, void_id) ORDER BY id) FROM votes
     WHERE battle_id = $1),
    (SELECT json_agg(json_build_array(id, vote_count, rank) ORDER BY id) FROM battle_entries
     WHERE battle_id = $1),
    (SELECT vote_count FROM battles WHERE id = $1),
    (SELECT json_build_array(total_votes, ranking, voided_votes, voided_by_reason, rules_hash,
                             ballots_hash, merkle_root, state) FROM battle_results
     WHERE battle_id = $1),
    (SELECT json_agg(json_build_array(chunk, is_voided, first_id, ballots, md5(records),
                                      md5(root)) ORDER BY chunk) FROM battle_ballots
     WHERE battle_id = $1))::text)sql"};
struct Place {
  VoteId id;
  UserId voter;
  EntryId entry;
};
BOOST_DESCRIBE_STRUCT(Place, (), (id, voter, entry))
const db::Query<Place(BattleId)> places_of{"test_places_of", R"sql(
  SELECT id, user_id AS voter, entry_id AS entry FROM votes WHERE battle_id = $1 ORDER BY id)sql"};

class Certification : public test::House {
 protected:
  struct Ended {
    BattleId id;
    std::vector<EntryId> entries;
  };

  // A node's job runner, working on a shard until its end.
  class Working {
   public:
    Working(Certification& house, unsigned shard) : house_{house}, shard_{shard} {
      house.on(shard, [this]() -> Task<> {
        db::Database& database = house_.parts[shard_]->database;
        runner_ = std::make_unique<jobs::Runner>(house_.shards[shard_].executor(), database);
        register_certification(*runner_, database, house_.node);
        co_return;
      });
      running_ = house.start(shard, [this]() -> Task<> { co_await runner_->run(); });
    }
    ~Working() {
      house_.on(shard_, [this]() -> Task<> {
        runner_->stop();
        co_return;
      });
      running_.get();
      house_.on(shard_, [this]() -> Task<> {
        runner_.reset();
        co_return;
      });
    }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;

   private:
    Certification& house_;
    unsigned shard_;
    std::unique_ptr<jobs::Runner> runner_;
    std::future<void> running_;
  };

  template <class Condition>
  static bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  std::string path(BattleId id, std::string_view rest = "") {
    return "/battles/" + id.text() + std::string{rest};
  }
  Reply reviewed(Method method, const std::string& target, const std::string& body, UserId who) {
    return call({method, target, body, who, {{"x-role", "moderator"}}});
  }
  Reply results(BattleId id) { return get(path(id, "/results")); }
  std::string state(BattleId id) { return results(id).text("state"); }

  // Voting is over; 500 honest voters for two entries over an hour, and a ring of 50 when wanted.
  Ended ended(const std::string& rules, bool has_ring) {
    Ended made{battle(1h, 2h, rules), {}};
    for (int i = 0; i < 3; ++i) made.entries.push_back(entered(made.id, person()));
    EXPECT_EQ(force(made.id, "voting").status, 200);
    const Timestamp start = system_now() - 1h;
    constexpr std::int32_t hour = 3'600'000;
    ask(insert_crowd, made.id, made.entries[0], 260, start, hour, 5 * 86'400, own_address);
    ask(insert_crowd, made.id, made.entries[1], 200, start, hour, 9 * 86'400, own_address);
    ask(insert_crowd, made.id, made.entries[1], 40, start, hour, 3 * 86'400, 77);  // a campus
    if (has_ring) ask(insert_crowd, made.id, made.entries[2], 50, start + 20min, 1900, 600, 99);
    EXPECT_EQ(force(made.id, "completed").status, 200);
    return made;
  }

  std::vector<Place> places(BattleId id) {
    return on(0, [this, id]() -> Task<std::vector<Place>> {
      co_return co_await db::all(parts[0]->database.session(), places_of, id);
    });
  }
  std::string proposal_body(VoteId vote, std::string_view action) {
    return R"({"voteId":")" + vote.text() + R"(","action":")" + std::string{action} +
           R"(","reason":"it looks bought"})";
  }
};

}  // namespace

TEST_F(Certification, a_ring_behind_one_address_is_voided_before_the_certificate_and_nobody_else) {
  const Ended battle = ended(R"({"fairPlay":"void","integrityMinutes":10})", true);
  const UserId moderator = person();
  EXPECT_EQ(state(battle.id), "provisional");
  EXPECT_EQ(results(battle.id).body.at("totalVotes").as_int64(), 550);
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.result"), 0);
  EXPECT_EQ(reviewed(Method::post, path(battle.id, "/certify"), "", moderator).status, 409);
  {
    const Working worker{*this, 0};
    EXPECT_TRUE(
        comes_true([&] { return results(battle.id).body.at("voidedVotes").as_int64() == 50; }));
  }
  const Reply counted = results(battle.id);
  EXPECT_EQ(counted.text("state"), "provisional");
  EXPECT_EQ(counted.body.at("totalVotes").as_int64(), 500);
  EXPECT_EQ(counted.body.at("voidedByReason").at(0).at("reason").as_string(), "sharedNetwork");
  EXPECT_EQ(counted.body.at("ranking").at(2).at("votes").as_int64(), 0);
  EXPECT_EQ(get(path(battle.id)).body.at("voteCount").as_int64(), 500);
  EXPECT_TRUE(ask(test::counters_hold, battle.id));
  EXPECT_EQ(ask(events_of, battle.id.value, "vote.voided"), 1);

  EXPECT_EQ(get(path(battle.id, "/findings"), moderator).status, 403);
  const Reply findings = reviewed(Method::get, path(battle.id, "/findings"), "", moderator);
  std::set<std::string> detectors;
  for (const auto& finding : findings.body.at("items").as_array()) {
    EXPECT_TRUE(finding.at("evidence").is_object());
    // The campus may be remarked on; its votes stand.
    const bool is_ring = finding.at("entryId").as_string() == battle.entries[2].text();
    EXPECT_EQ(finding.at("voidedCount").as_int64(), is_ring ? 50 : 0);
    if (is_ring) detectors.emplace(finding.at("detector").as_string());
  }
  EXPECT_EQ(detectors, (std::set<std::string>{"burst", "sharedNetwork", "youngAccounts"}));

  const Reply certified = reviewed(Method::post, path(battle.id, "/certify"), "", moderator);
  EXPECT_EQ(certified.status, 200);
  EXPECT_EQ(certified.text("state"), "certified");
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.result"), 3);
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.certified"), 1);
  EXPECT_EQ(reviewed(Method::post, path(battle.id, "/certify"), "", moderator).status, 409);
}

TEST_F(Certification, with_observe_findings_are_told_and_no_vote_is_touched) {
  const Ended battle = ended(R"({"fairPlay":"observe"})", true);
  const Working worker{*this, 0};
  EXPECT_TRUE(comes_true([&] { return state(battle.id) == "certified"; }));
  EXPECT_EQ(results(battle.id).body.at("totalVotes").as_int64(), 550);
  const Reply findings = reviewed(Method::get, path(battle.id, "/findings?limit=1"), "", person());
  EXPECT_EQ(findings.body.at("items").as_array().size(), 1u);
  EXPECT_FALSE(findings.body.at("nextCursor").is_null());
  EXPECT_EQ(ask(events_of, battle.id.value, "vote.voided"), 0);
}

TEST_F(Certification, without_a_window_detectors_and_certificate_come_in_one_go) {
  const Ended battle = ended(R"({"fairPlay":"void"})", true);
  const Working worker{*this, 0};
  EXPECT_TRUE(comes_true([&] { return state(battle.id) == "certified"; }));
  EXPECT_EQ(results(battle.id).body.at("voidedVotes").as_int64(), 50);
  const Ended plain = ended("{}", true);
  EXPECT_EQ(state(plain.id), "certified") << "in the step itself, where nobody has to look";
}

TEST_F(Certification, happens_once_however_many_try) {
  const Ended battle = ended(R"({"fairPlay":"void","integrityMinutes":10})", true);
  ask(let_window_end, battle.id);
  ask(lose_job, "certify:" + battle.id.text());  // its node died
  const Working one{*this, 0};
  const Working another{*this, 1};
  for (unsigned shard : {0U, 1U}) {
    on(shard,
       [this, shard]() -> Task<> { co_await resume_certifications(parts[shard]->database); });
  }
  std::vector<Call> calls(
      8, {Method::post, path(battle.id, "/certify"), {}, person(), {{"x-role", "moderator"}}});
  (void)storm(calls);
  EXPECT_TRUE(comes_true([&] { return state(battle.id) == "certified"; }));
  (void)storm(calls);
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.result"), 3);
  EXPECT_EQ(ask(events_of, battle.id.value, "battle.certified"), 1);
  EXPECT_EQ(ask(events_of, battle.id.value, "vote.voided"), 1);
  EXPECT_EQ(results(battle.id).body.at("voidedVotes").as_int64(), 50);
}

TEST_F(Certification, waits_for_its_time) {
  const Ended battle = ended(R"({"integrityMinutes":10})", false);
  const Reply provisional = results(battle.id);
  EXPECT_FALSE(provisional.body.at("certifiesAt").is_null());
  EXPECT_TRUE(provisional.body.at("certifiedAt").is_null());
  const Working worker{*this, 0};
  ask(let_job_be_due, "certify:" + battle.id.text());  // a job that comes too early goes back
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(state(battle.id), "provisional");
  ask(let_window_end, battle.id);
  EXPECT_TRUE(comes_true([&] {
    ask(let_job_be_due, "certify:" + battle.id.text());
    return state(battle.id) == "certified";
  }));
}

TEST_F(Certification, voiding_a_vote_takes_two_people) {
  const Ended battle = ended(R"({"integrityMinutes":10})", false);
  const UserId first = person();
  const UserId second = person();
  const VoteId vote = places(battle.id).front().id;
  const std::string list = path(battle.id, "/proposals");
  EXPECT_EQ(post(list, proposal_body(vote, "void"), first).status, 403);
  EXPECT_EQ(reviewed(Method::post, list, proposal_body(VoteId::make(), "void"), first).status, 404);
  EXPECT_EQ(reviewed(Method::post, list, proposal_body(vote, "restore"), first).status, 409);
  const Reply made = reviewed(Method::post, list, proposal_body(vote, "void"), first);
  ASSERT_EQ(made.status, 201);
  const std::string one = path(battle.id, "/proposals/") + made.text("id");
  EXPECT_EQ(made.header("Location"), "/api/v1" + one);
  EXPECT_EQ(reviewed(Method::post, list, proposal_body(vote, "void"), second).status, 409);
  const Reply own = reviewed(Method::post, one + "/confirm", "", first);
  EXPECT_EQ(own.status, 403);
  EXPECT_EQ(results(battle.id).body.at("totalVotes").as_int64(), 500);

  const auto counts =
      storm({{Method::post, one + "/confirm", {}, second, {{"x-role", "admin"}}},
             {Method::post, one + "/confirm", {}, person(), {{"x-role", "admin"}}},
             {Method::post, one + "/decline", {}, person(), {{"x-role", "admin"}}}});
  EXPECT_EQ(counts, (std::map<std::string, int>{{"200", 1}, {"conflict", 2}}));
  const std::string outcome = reviewed(Method::get, one, "", first).text("state");
  const Reply all = reviewed(Method::get, list, "", first);
  EXPECT_EQ(all.body.at("items").at(0).at("state").as_string(), outcome);
  EXPECT_EQ(results(battle.id).body.at("totalVotes").as_int64(),
            outcome == "confirmed" ? 499 : 500);
  EXPECT_TRUE(ask(test::counters_hold, battle.id));
}

TEST_F(Certification, lets_open_proposals_lapse_and_takes_no_more) {
  const Ended battle = ended(R"({"integrityMinutes":10})", false);
  const VoteId vote = places(battle.id).front().id;
  const std::string list = path(battle.id, "/proposals");
  const Reply made = reviewed(Method::post, list, proposal_body(vote, "void"), person());
  ASSERT_EQ(made.status, 201);
  const std::string one = list + "/" + made.text("id");
  EXPECT_EQ(reviewed(Method::post, path(battle.id, "/certify"), "", person()).status, 200);
  EXPECT_EQ(reviewed(Method::get, one, "", person()).text("state"), "lapsed");
  EXPECT_EQ(reviewed(Method::post, one + "/confirm", "", person()).status, 409);
  EXPECT_EQ(reviewed(Method::post, list, proposal_body(vote, "void"), person()).status, 409);
  const BattleId running = this->battle(1h, 2h);
  EXPECT_EQ(reviewed(Method::post, path(running, "/certify"), "", person()).status, 409);
  EXPECT_EQ(reviewed(Method::get, path(BattleId::make(), "/findings"), "", person()).status, 404);
}

TEST_F(Certification, restoring_leaves_everything_as_it_was_before_voiding) {
  const Ended battle = ended(R"({"integrityMinutes":10})", false);
  const std::vector<Place> votes = places(battle.id);
  const std::string before = ask(whole_state, battle.id);
  const auto change = [&](const std::vector<std::size_t>& chosen, bool is_void) {
    on(0, [&]() -> Task<> {
      co_await parts[0]->database.transact([&](db::Session& session) -> Task<> {
        (void)co_await lock_battle(session, battle.id);
        std::vector<NewVoid> voids;
        for (const std::size_t i : chosen) {
          voids.push_back({votes[i].voter, votes[i].entry, std::nullopt, "a test", "{}"});
          if (is_void) continue;
          (void)co_await put_back(session, node, battle.id, votes[i].voter, votes[i].entry);
        }
        if (is_void) (void)co_await take_out(session, node, battle.id, std::move(voids));
      });
    });
  };
  const bool holds = rc::check("voiding and restoring votes changes nothing", [&] {
    const auto drawn =
        *rc::gen::container<std::set<std::size_t>>(rc::gen::inRange<std::size_t>(0, votes.size()));
    std::vector<std::size_t> chosen{drawn.begin(), drawn.end()};
    if (chosen.size() > 3) chosen.resize(3);
    RC_PRE(!chosen.empty());
    change(chosen, true);
    RC_ASSERT(ask(test::counters_hold, battle.id));
    RC_ASSERT(results(battle.id).body.at("voidedVotes").as_int64() ==
              static_cast<std::int64_t>(chosen.size()));
    std::reverse(chosen.begin(), chosen.end());
    change(chosen, false);
    RC_ASSERT(ask(whole_state, battle.id) == before);
  });
  EXPECT_TRUE(holds);
}

}  // namespace wildnout::battles
