// Results through the router: proofs, public ballots, voiding and counting again.
#include "battles/results.hpp"

#include "battles/fixture.hpp"
#include "battles/proofs.hpp"
#include "battles/verification.hpp"
#include "platform/crypto/merkle.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using test::Reply;

// Most of them stand before real votes in the tree, the others behind.
const db::Query<void(BattleId, EntryId, std::int32_t)> insert_crowd{"test_insert_crowd", R"sql(
  INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, created_at)
  SELECT $1, gen_random_uuid(), $2,
    overlay(gen_random_uuid()::text PLACING CASE WHEN i * 1000 <= $3 * 815 THEN '00' ELSE 'ff' END
            FROM 1 FOR 2)::uuid, 1, gen_random_uuid(), now_ms()
  FROM generate_series(1, $3) AS i)sql"};
const db::Query<void(BattleId)> reopen{"test_reopen", R"sql(
  UPDATE battle_results SET state = 'provisional', certifies_at = completed_at, certified_at = NULL
  WHERE battle_id = $1)sql"};
const db::Query<void(VoteId, std::optional<Uuid>)> set_void{
    "test_set_void", "UPDATE votes SET void_id = $2 WHERE id = $1"};
const db::Query<void(EntryId)> remove_entry{
    "test_remove_entry", "UPDATE battle_entries SET status = 'removed' WHERE id = $1"};
const db::Query<void(BattleId)> forget_count{
    "test_forget_count", "UPDATE battle_results SET revision = 0 WHERE battle_id = $1"};

class ResultsApi : public test::House {
 protected:
  struct Counted {
    BattleId id;
    std::vector<EntryId> entries;
    std::vector<std::pair<UserId, VoteId>> votes;
  };

  // A completed battle with `own` votes cast here and a crowd behind them.
  Counted counted(std::size_t own, std::int32_t crowd) {
    Counted made{battle(1h, 2h), {}, {}};
    for (int i = 0; i < 2; ++i) made.entries.push_back(entered(made.id, person()));
    EXPECT_EQ(force(made.id, "voting").status, 200);
    for (std::size_t i = 0; i < own; ++i) {
      const UserId voter = person();
      const Reply cast = vote(made.id, made.entries[i % 2], voter);
      EXPECT_EQ(cast.status, 201);
      made.votes.emplace_back(voter, VoteId{*Uuid::parse(cast.text("id"))});
    }
    ask(insert_crowd, made.id, made.entries[0], crowd);
    EXPECT_EQ(force(made.id, "completed").status, 200);
    return made;
  }
  std::string path(BattleId id, std::string_view rest) {
    return "/battles/" + id.text() + std::string{rest};
  }
  void count_again(BattleId id) {
    on(0, [&]() -> Task<> {
      co_await parts[0]->database.transact([&](db::Session& session) -> Task<> {
        (void)co_await lock_battle(session, id);
        co_await recount_results(session, node, id);
      });
    });
  }
  // All lines, or what came before the answer was cut off.
  std::string ballots(BattleId id, std::function<void()> after_first = {}) {
    std::string text;
    auto open = on(
        0, [&]() -> Task<OpenBallots> { co_return co_await open_ballots(parts[0]->database, id); });
    for (bool has_more = true; has_more;) {
      has_more = on(0, [&]() -> Task<bool> { co_return co_await open.lines->next(text); });
      if (after_first) std::exchange(after_first, {})();
    }
    return text;
  }
  Findings verified(BattleId id) {
    Verification verification{test::json::serialize(get(path(id, "/results")).body)};
    verification.take_battle(test::json::serialize(get(path(id, "")).body));
    const std::string text = ballots(id);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      verification.take_ballot(std::string_view{text}.substr(at, end - at));
      at = end + 1;
    }
    return verification.finish();
  }
};

}  // namespace

TEST_F(ResultsApi, a_proof_leads_from_every_chunk_of_the_tree_to_the_root) {
  const Counted battle = counted(40, 5003);  // leaves 4,077 to 4,116: over a chunk's end
  const Reply results = get(path(battle.id, "/results"));
  for (const auto& [voter, vote] : battle.votes) {
    const std::string target = path(battle.id, "/proof?voteId=") + vote.text();
    const Reply reply = get(target, voter);
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.text("merkleRoot"), results.text("merkleRoot"));
    const auto hash = [](std::string_view text) {
      Hash made{};
      const std::string octets = *crypto::parse_hex(text);
      std::copy(octets.begin(), octets.end(), made.begin());
      return made;
    };
    std::vector<Hash> steps;
    for (const auto& step : reply.body.at("path").as_array()) {
      steps.push_back(hash(std::string_view{step.as_string()}));
    }
    const auto root = crypto::root_by_path(
        hash(reply.text("leaf")), static_cast<std::uint64_t>(reply.body.at("index").as_int64()),
        5043, steps);
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(crypto::hex(crypto::ByteView{*root}), results.text("merkleRoot"));
    EXPECT_EQ(get(target, person()).status, 404);
    EXPECT_EQ(get(target).status, 401);
  }
  EXPECT_TRUE(verified(battle.id).faults.empty());
}

TEST_F(ResultsApi, voiding_a_vote_and_restoring_it_leaves_the_result_as_it_was) {
  const Counted battle = counted(10, 2100);
  ask(reopen, battle.id);
  const Reply before = get(path(battle.id, "/results"));
  const std::string all = ballots(battle.id);
  const auto [voter, vote] = battle.votes.front();
  ask(set_void, vote, Uuid::make());
  count_again(battle.id);
  const Reply voided = get(path(battle.id, "/results"));
  EXPECT_EQ(voided.body.at("totalVotes").as_int64(), 2109);
  EXPECT_EQ(voided.body.at("voidedVotes").as_int64(), 1);
  EXPECT_NE(voided.text("merkleRoot"), before.text("merkleRoot"));
  const Reply proof = get(path(battle.id, "/proof?voteId=") + vote.text(), voter);
  EXPECT_EQ(proof.status, 409);
  EXPECT_FALSE(proof.body.at("error").at("details").at("voided").at("reason").as_string().empty());
  EXPECT_TRUE(verified(battle.id).faults.empty());
  ask(set_void, vote, std::nullopt);
  count_again(battle.id);
  EXPECT_EQ(get(path(battle.id, "/results")).body, before.body);
  EXPECT_EQ(ballots(battle.id), all);
}

TEST_F(ResultsApi, a_reader_of_ballots_is_cut_off_when_the_battle_is_counted_again) {
  const Counted battle = counted(1, 2100);
  ask(reopen, battle.id);
  EXPECT_THROW(ballots(battle.id, [&] { count_again(battle.id); }), std::runtime_error);
}

TEST_F(ResultsApi, a_certified_result_is_not_counted_again) {
  const Counted battle = counted(2, 0);
  EXPECT_THROW(count_again(battle.id), std::logic_error);
}

TEST_F(ResultsApi, votes_on_an_entry_that_was_taken_out_are_shown_and_not_counted) {
  const Counted battle = counted(4, 0);
  ask(reopen, battle.id);
  ask(remove_entry, battle.entries[1]);
  count_again(battle.id);
  const Reply results = get(path(battle.id, "/results"));
  EXPECT_EQ(results.body.at("totalVotes").as_int64(), 2);
  EXPECT_EQ(results.body.at("ranking").as_array().size(), 1u);
  EXPECT_EQ(results.body.at("voidedByReason").at(0).at("reason").as_string(), "entryRemoved");
  EXPECT_NE(ballots(battle.id).find(R"("voided":{"reason":"entryRemoved"})"), std::string::npos);
  EXPECT_TRUE(verified(battle.id).faults.empty());
}

TEST_F(ResultsApi, a_battle_without_votes_has_a_result_that_holds) {
  const Counted battle = counted(0, 0);
  EXPECT_EQ(ballots(battle.id), "");
  EXPECT_TRUE(verified(battle.id).faults.empty());
}

TEST_F(ResultsApi, a_result_of_an_earlier_version_answers_when_it_is_counted_again) {
  const Counted battle = counted(2, 0);
  const Reply before = get(path(battle.id, "/results"));
  ask(forget_count, battle.id);
  EXPECT_EQ(get(path(battle.id, "/results")).status, 409);
  EXPECT_EQ(get(path(battle.id, "/ballots")).status, 409);
  count_again(battle.id);
  EXPECT_EQ(get(path(battle.id, "/results")).body, before.body);
}

}  // namespace wildnout::battles
