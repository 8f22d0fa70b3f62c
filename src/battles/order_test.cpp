// Orders of lists: random ones last and repeat nothing, hidden tallies move none.
#include <set>
#include <thread>

#include "battles/fixture.hpp"

namespace wildnout::battles {
namespace {

using namespace std::chrono_literals;
using test::Reply;

class Orders : public test::House {
 protected:
  BattleId with_entries(int entries, const std::string& rules = "{}") {
    const BattleId id = battle(1h, 2h, rules);
    for (int i = 0; i < entries; ++i) last = entered(id, person());
    return id;
  }
  static std::vector<std::string> ids_of(const Reply& reply) {
    std::vector<std::string> ids;
    for (const auto& item : reply.body.at("items").as_array()) {
      ids.emplace_back(item.at("id").as_string());
    }
    return ids;
  }
  std::vector<std::string> all(const std::string& list, std::optional<UserId> viewer) {
    std::vector<std::string> ids;
    Reply page = get(list, viewer);
    for (;;) {
      EXPECT_EQ(page.status, 200);
      for (auto& id : ids_of(page)) ids.push_back(std::move(id));
      if (page.body.at("nextCursor").is_null()) return ids;
      const std::string cursor{page.body.at("nextCursor").as_string()};
      page = get(list + "&cursor=" + cursor, viewer);
    }
  }
  void refresh() {
    on(0, [this]() -> Task<> { co_await refresh_lists(parts[0]->database.session()); });
    std::this_thread::sleep_for(600ms);  // pages are kept for half a second
  }

  EntryId last;
};

}  // namespace

TEST_F(Orders, at_random_are_each_viewers_own_and_go_on_from_page_to_page) {
  const BattleId id = with_entries(25);
  const std::string list = "/battles/" + id.text() + "/entries?sort=random";
  std::set<std::vector<std::string>> orders;
  for (int i = 0; i < 4; ++i) {
    const UserId viewer = person();
    const auto whole = all(list + "&limit=100", viewer);
    EXPECT_EQ(whole.size(), 25u);
    EXPECT_EQ(all(list + "&limit=4", viewer), whole);
    orders.insert(whole);
  }
  EXPECT_EQ(orders.size(), 4u);
}

TEST_F(Orders, at_random_of_who_is_not_signed_in_go_on_as_they_began) {
  const BattleId id = with_entries(12);
  const std::string list = "/battles/" + id.text() + "/entries?sort=random&limit=5";
  const auto whole = all(list, std::nullopt);
  EXPECT_EQ(std::set<std::string>(whole.begin(), whole.end()).size(), 12u);
  // A cursor carries its order: whoever signs in on the way sees no entry twice.
  const Reply first = get(list);
  const std::string cursor{first.body.at("nextCursor").as_string()};
  auto seen = ids_of(first);
  for (auto& one : ids_of(get(list + "&cursor=" + cursor, person()))) seen.push_back(one);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 10u);
}

TEST_F(Orders, at_random_stay_while_entries_are_added) {
  const BattleId id = with_entries(9);
  const std::string list = "/battles/" + id.text() + "/entries?sort=random&limit=3";
  const UserId viewer = person();
  const auto before = all(list, viewer);
  (void)entered(id, person());
  auto after = all(list, viewer);
  ASSERT_EQ(after.size(), 10u);
  std::erase_if(after, [&](const std::string& one) {
    return std::find(before.begin(), before.end(), one) == before.end();
  });
  EXPECT_EQ(after, before);
}

TEST_F(Orders, of_battles_do_not_move_by_votes_that_are_hidden) {
  const std::string hidden = R"({"hideTallyUntilEnd":true})";
  const BattleId secret = with_entries(1, hidden);
  const EntryId entry = last;
  const BattleId open = with_entries(1);
  const EntryId other = last;
  for (const BattleId id : {secret, open}) ASSERT_EQ(force(id, "voting").status, 200);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(vote(secret, entry, person()).status, 201);
  ASSERT_EQ(vote(open, other, person()).status, 201);
  const std::string list = "/battles?creatorId=" + creator.text() + "&sort=";
  refresh();
  EXPECT_EQ(ids_of(get(list + "mostVotes")).front(), open.text());
  EXPECT_EQ(ids_of(get(list + "trending")).front(), open.text());
  ASSERT_EQ(force(secret, "completed").status, 200);  // lists it with its count by itself
  std::this_thread::sleep_for(600ms);
  EXPECT_EQ(ids_of(get(list + "mostVotes")).front(), secret.text());
}

TEST_F(Orders, of_entries_by_votes_do_not_show_votes_that_are_hidden) {
  const BattleId id = with_entries(1, R"({"hideTallyUntilEnd":true})");
  const EntryId first = last;
  std::string newer;
  for (int i = 0; i < 3; ++i) newer = entered(id, person()).text();
  ASSERT_EQ(force(id, "voting").status, 200);
  ASSERT_EQ(vote(id, first, person()).status, 201);
  const std::string list = "/battles/" + id.text() + "/entries?sort=top&limit=2";
  EXPECT_EQ(all(list, std::nullopt).front(), newer);
  EXPECT_EQ(all(list, std::nullopt).size(), 4u);
  ASSERT_EQ(force(id, "completed").status, 200);
  EXPECT_EQ(all(list, std::nullopt).front(), first.text());
}

TEST_F(Orders, and_times_do_not_tell_that_hidden_votes_have_come) {
  const BattleId id = with_entries(1, R"({"hideTallyUntilEnd":true})");
  ASSERT_EQ(force(id, "voting").status, 200);
  on(0, [this, id]() -> Task<> {
    Reading reading{parts[0]->database};
    const auto before = co_await reading.tally(id);
    reading.drop_votes({{id, creator}});
    const auto after = co_await reading.tally(id);
    // The same object while it lives; a busy machine may have let it grow old.
    EXPECT_TRUE(after == before || after->as_of >= before->as_of + 250ms);
  });
}

}  // namespace wildnout::battles
