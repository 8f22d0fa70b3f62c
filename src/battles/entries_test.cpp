// What becomes of drafts, and the list of one's own votes.
#include <algorithm>

#include "battles/fixture.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using http::Method;
using test::Reply;

const db::Query<void(BattleId, UserId)> void_vote{
    "test_void_vote",
    "UPDATE votes SET void_id = gen_random_uuid() WHERE battle_id = $1 AND user_id = $2"};

class BattlesEntries : public test::House {
 protected:
  std::string draft(BattleId id, UserId author, const std::string& body) {
    const Reply reply =
        post("/battles/" + id.text() + "/entries",
             R"({"content":{"type":"text","body":")" + body + R"("},"draft":true})", author);
    EXPECT_EQ(reply.status, 201);
    return "/entries/" + reply.text("id");
  }
};

TEST_F(BattlesEntries, a_draft_is_rewritten_and_then_submitted_once) {
  const BattleId id = battle(1h, 2h);
  const UserId author = person();
  const std::string one = draft(id, author, "half a bar");
  const Reply rewritten =
      call({Method::patch, one, R"({"content":{"type":"text","body":"a whole bar"}})", author});
  ASSERT_EQ(rewritten.status, 200);
  EXPECT_EQ(rewritten.body.at("content").at("body").as_string(), "a whole bar");
  EXPECT_EQ(call({Method::patch, one, R"({"content":{"type":"text","body":"not mine"}})", person()})
                .status,
            404)
      << "a draft is its owner's alone";
  EXPECT_EQ(get("/battles/" + id.text()).body.at("entryCount").as_int64(), 0);
  const Reply submitted = post(one + "/submit", "", author);
  ASSERT_EQ(submitted.status, 200);
  EXPECT_EQ(submitted.text("status"), "submitted");
  EXPECT_EQ(get(one, person()).body.at("content").at("body").as_string(), "a whole bar");
  EXPECT_EQ(get("/battles/" + id.text()).body.at("entryCount").as_int64(), 1);
  EXPECT_EQ(post(one + "/submit", "", author).status, 409);
  EXPECT_TRUE(ask(test::counters_hold, id));
}

TEST_F(BattlesEntries, two_drafts_submitted_at_once_make_one_entry) {
  const BattleId id = battle(1h, 2h);
  const UserId author = person();
  std::vector<Call> calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back({Method::post, draft(id, author, "a bar") + "/submit", "", author});
  }
  const auto counts = storm(calls);
  EXPECT_EQ(counts, (std::map<std::string, int>{{"200", 1}, {"duplicate_entry", 5}}));
  EXPECT_TRUE(ask(test::counters_hold, id));
}

TEST_F(BattlesEntries, ones_own_votes_are_listed_to_oneself) {
  const BattleId id = battle(1h, 2h);
  const EntryId first = entered(id, person());
  const EntryId second = entered(id, person());
  ASSERT_EQ(force(id, "voting").status, 200);
  const UserId voter = person();
  ASSERT_EQ(vote(id, first, voter).status, 201);
  ASSERT_EQ(vote(id, second, voter).status, 201);
  ASSERT_EQ(vote(id, first, person()).status, 201);
  const Reply own = get("/battles/" + id.text() + "/votes/me", voter);
  ASSERT_EQ(own.status, 200);
  std::vector<std::string> entries;
  for (const auto& item : own.body.at("items").as_array()) {
    entries.emplace_back(item.at("entryId").as_string());
  }
  std::sort(entries.begin(), entries.end());
  std::vector<std::string> expected{first.text(), second.text()};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(entries, expected);
  EXPECT_EQ(get("/battles/" + id.text() + "/votes/me").status, 401);
}

TEST_F(BattlesEntries, a_voided_vote_is_told_of_and_not_counted) {
  const BattleId id = battle(1h, 2h);
  const EntryId first = entered(id, person());
  const EntryId second = entered(id, person());
  ASSERT_EQ(force(id, "voting").status, 200);
  const UserId cheat = person();
  ASSERT_EQ(vote(id, first, cheat).status, 201);
  ASSERT_EQ(vote(id, second, person()).status, 201);
  ask(void_vote, id, cheat);
  ASSERT_EQ(force(id, "completed").status, 200);
  const Reply results = get("/battles/" + id.text() + "/results");
  ASSERT_EQ(results.status, 200);
  EXPECT_EQ(results.body.at("totalVotes").as_int64(), 1);
  EXPECT_EQ(results.body.at("voidedVotes").as_int64(), 1);
  EXPECT_EQ(results.body.at("ranking").at(0).at("entryId").as_string(), second.text());
}

}  // namespace
}  // namespace wildnout::battles
