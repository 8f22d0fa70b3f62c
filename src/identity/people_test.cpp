// Profiles, preferences, ties between people, privacy and the search, through the router.
#include <set>

#include "identity/fixture.hpp"
#include "identity/usernames.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<std::int64_t(UserId, std::string)> count_of_ties{"test_tie_events", R"sql(
  SELECT count(*) FROM outbox WHERE aggregate_id = $1 AND type = $2)sql"};

class PeopleApi : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};

  struct Somebody {
    std::string token;
    std::string id;
    [[nodiscard]] std::string path() const { return "/api/v1/users/" + id; }
  };
  Somebody somebody(std::vector<Role> roles = {}) {
    DevTokenRequest request;
    request.roles = List<Role, role_count>::of(std::move(roles));
    const auto token = loop.run([&] { return house.service().issue(house.scope(), request); });
    return {token.token, token.user_id.text()};
  }
  Reply patch(const Somebody& who, const std::string& body) {
    return house.send(http::Method::patch, "/api/v1/users/me", who.token, body);
  }
  std::uint16_t put(const Somebody& who, const std::string& path, const std::string& body = "") {
    return house.send(http::Method::put, path, who.token, body).status;
  }
  std::uint16_t del(const Somebody& who, const std::string& path) {
    return house.send(http::Method::del, path, who.token).status;
  }
  void show_to(const Somebody& who, const std::string& whom) {
    EXPECT_EQ(put(who, "/api/v1/users/me/preferences",
                  R"({"privacy":{"profileVisibility":")" + whom + R"("}})"),
              200);
  }
  std::vector<std::string> ids(const std::string& path, const std::string& token = "") {
    const Reply reply = house.get(path, token);
    EXPECT_EQ(reply.status, 200);
    std::vector<std::string> found;
    for (const auto& item : reply.body.at("items").as_array()) {
      found.emplace_back(item.at("id").as_string());
    }
    return found;
  }
  std::int64_t followers_of(const Somebody& who) {
    return house.get(who.path()).body.at("stats").at("followers").as_int64();
  }
};

TEST_F(PeopleApi, OneChangesOnesOwnProfileAndClerkChangesItNoMore) {
  const Somebody me = somebody();
  const std::string name = "Lyric" + me.id.substr(24, 8);
  const Reply changed = patch(me, R"({"username":")" + name +
                                      R"(","displayName":"MC Lyric","bio":"Bars.",)"
                                      R"("location":"Leeds","links":["https://example.com/a"]})");
  ASSERT_EQ(changed.status, 200) << test::json::serialize(changed.body);
  EXPECT_EQ(changed.text("username"), name);
  EXPECT_EQ(changed.text("displayName"), "MC Lyric");
  EXPECT_EQ(changed.text("location"), "Leeds");
  EXPECT_EQ(patch(me, R"({"bio":null})").body.at("bio"), nullptr);
  EXPECT_EQ(house.get(me.path()).text("displayName"), "MC Lyric");
  EXPECT_EQ(patch(me, R"({"displayName":""})").code(), "validation_error");
  EXPECT_EQ(patch(me, R"({"displayName":null})").code(), "validation_error");
  EXPECT_EQ(patch(me, R"({"avatarUrl":"javascript:x"
})")
                .code(),
            "validation_error");
  EXPECT_EQ(patch(me, R"({"points":100})").code(), "validation_error");
}

TEST_F(PeopleApi, UsernamesThatLookAlikeAreOnesAlone) {
  const Somebody first = somebody();
  const Somebody second = somebody();
  const std::string tail = first.id.substr(28, 6);
  const auto take = [&](const Somebody& who, const std::string& name) {
    return patch(who, R"({"username":")" + name + tail + R"("})");
  };
  EXPECT_EQ(take(first, "Lyric").status, 200);
  for (const char* alike : {"Lyric", "LYRIC", "1yric", "Iyric"}) {
    const Reply reply = take(second, alike);
    EXPECT_EQ(reply.status, 409) << alike;
    EXPECT_EQ(reply.code(), "conflict");
  }
  EXPECT_EQ(take(first, "LYRIC").status, 200);  // one's own in another spelling
  EXPECT_EQ(take(second, "Rhyme").status, 200);
  EXPECT_EQ(patch(first, R"({"username":null})").status, 200);
  EXPECT_EQ(take(second, "lyric").status, 200);
  for (const char* unfit : {"admin", "Adm1n", "m-o-d", "ab", "-abc", "a b c", "pаypal"}) {
    EXPECT_EQ(patch(first, R"({"username":")" + std::string{unfit} + R"("})").code(),
              "validation_error")
        << unfit;
  }
}

TEST_F(PeopleApi, OfManyWhoWantOneUsernameAtOnceOneGetsIt) {
  const std::string name = "wanted" + Uuid::make().text().substr(28, 6);
  int got = 0;
  int left = 20;
  for (int i = 0; i < 20; ++i) {
    const Somebody who = somebody();
    boost::asio::co_spawn(loop.executor(),
                          house.ask(http::Method::patch, "/api/v1/users/me", who.token,
                                    R"({"username":")" + name + R"("})", "127.0.0.1"),
                          [&](std::exception_ptr fault, const Reply& reply) {
                            --left;
                            EXPECT_FALSE(fault);
                            EXPECT_TRUE(reply.status == 200 || reply.status == 409) << reply.status;
                            if (reply.status == 200) ++got;
                          });
  }
  loop.turn_until([&] { return left == 0; });
  EXPECT_EQ(got, 1);
}

TEST_F(PeopleApi, PreferencesStartWithDefaultsAndKeepWhatIsNotNamed) {
  const Somebody me = somebody();
  const std::string path = "/api/v1/users/me/preferences";
  const Reply first = house.get(path, me.token);
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(first.body.at("privacy").at("profileVisibility"), "public");
  EXPECT_EQ(first.body.at("notifications").at("follows").at("push"), true);
  const Reply changed = house.send(
      http::Method::put, path, me.token,
      R"({"notifications":{"follows":{"push":false}},"language":"de","contentWarnings":false})");
  ASSERT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body.at("notifications").at("follows").at("push"), false);
  EXPECT_EQ(changed.body.at("notifications").at("follows").at("inApp"), true);
  EXPECT_EQ(changed.body.at("language"), "de");
  EXPECT_EQ(house.get(path, me.token).body, changed.body);
  EXPECT_EQ(house.get("/api/v1/users/me", me.token).body.at("preferences"), changed.body);
  EXPECT_EQ(put(me, path, R"({"privacy":{"profileVisibility":"friends"}})"), 400);
  EXPECT_EQ(put(me, path, R"({"colour":"red"})"), 400);
}

TEST_F(PeopleApi, FollowingIsIdempotentAndCounted) {
  const Somebody fan = somebody();
  const Somebody star = somebody();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(put(fan, star.path() + "/follow"), 204);
  EXPECT_EQ(followers_of(star), 1);
  EXPECT_EQ(house.get(fan.path()).body.at("stats").at("following"), 1);
  EXPECT_EQ(ids(star.path() + "/followers"), std::vector<std::string>{fan.id});
  EXPECT_EQ(ids(fan.path() + "/following"), std::vector<std::string>{star.id});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(del(fan, star.path() + "/follow"), 204);
  EXPECT_EQ(followers_of(star), 0);
  const UserId id{*Uuid::parse(star.id)};
  const auto events = [&](const char* type) {
    return loop.run([&] { return db::one(house.session(), count_of_ties, id, type); });
  };
  EXPECT_EQ(events("follow.created"), 1);
  EXPECT_EQ(events("follow.removed"), 1);
  EXPECT_EQ(put(fan, fan.path() + "/follow"), 409);
  EXPECT_EQ(put(fan, "/api/v1/users/" + Uuid::make().text() + "/follow"), 404);
  EXPECT_EQ(house.send(http::Method::put, star.path() + "/follow").status, 401);
}

TEST_F(PeopleApi, ManyTiesAtOnceInBothDirectionsKeepTheCountsRight) {
  const Somebody one = somebody();
  const Somebody other = somebody();
  int left = 60;
  for (int i = 0; i < 60; ++i) {
    const Somebody& who = i % 2 == 0 ? one : other;
    const Somebody& whom = i % 2 == 0 ? other : one;
    boost::asio::co_spawn(loop.executor(),
                          house.ask(i % 3 == 0 ? http::Method::del : http::Method::put,
                                    whom.path() + "/follow", who.token, "", "127.0.0.1"),
                          [&](std::exception_ptr fault, const Reply& reply) {
                            --left;
                            EXPECT_FALSE(fault);
                            EXPECT_EQ(reply.status, 204);
                          });
  }
  loop.turn_until([&] { return left == 0; });
  EXPECT_EQ(followers_of(one), std::ssize(ids(one.path() + "/followers")));
  EXPECT_EQ(followers_of(other), std::ssize(ids(other.path() + "/followers")));
}

TEST_F(PeopleApi, ABlockEndsFollowsAndHidesTheProfile) {
  const Somebody me = somebody();
  const Somebody troll = somebody();
  EXPECT_EQ(put(troll, me.path() + "/follow"), 204);
  EXPECT_EQ(put(me, troll.path() + "/follow"), 204);
  EXPECT_EQ(put(me, troll.path() + "/block"), 204);
  EXPECT_EQ(put(me, troll.path() + "/block"), 204);
  EXPECT_EQ(followers_of(me), 0);
  EXPECT_EQ(followers_of(troll), 0);
  EXPECT_EQ(house.get(me.path(), troll.token).status, 404);
  EXPECT_EQ(house.get(me.path() + "/followers", troll.token).status, 404);
  EXPECT_EQ(put(troll, me.path() + "/follow"), 404);
  EXPECT_EQ(house.get(troll.path(), me.token).status, 200);
  EXPECT_EQ(del(me, troll.path() + "/block"), 204);
  EXPECT_EQ(house.get(me.path(), troll.token).status, 200);
  EXPECT_EQ(put(me, troll.path() + "/mute"), 204);
  EXPECT_EQ(del(me, troll.path() + "/mute"), 204);
}

TEST_F(PeopleApi, AProfileIsSeenByThoseWhomItsOwnerLets) {
  const Somebody owner = somebody();
  const Somebody fan = somebody();
  const Somebody moderator = somebody({Role::moderator});
  EXPECT_EQ(put(fan, owner.path() + "/follow"), 204);
  const auto seen_by = [&](const std::string& token) {
    return house.get(owner.path(), token).status == 200;
  };
  EXPECT_TRUE(seen_by(""));
  show_to(owner, "followers");
  EXPECT_FALSE(seen_by(""));
  EXPECT_FALSE(seen_by(somebody().token));
  EXPECT_TRUE(seen_by(fan.token));
  show_to(owner, "private");
  EXPECT_FALSE(seen_by(fan.token));
  EXPECT_TRUE(seen_by(owner.token));
  EXPECT_TRUE(seen_by(moderator.token));
  EXPECT_EQ(put(somebody(), owner.path() + "/follow"), 404);
}

TEST_F(PeopleApi, AreFoundByNameAsFarAsTheyLet) {
  const std::string word = "zephyr" + Uuid::make().text().substr(28, 8);
  std::vector<Somebody> people;
  for (int i = 0; i < 3; ++i) {
    people.push_back(somebody());
    EXPECT_EQ(patch(people.back(), R"({"displayName":"The )" + word + R"( Kid"})").status, 200);
  }
  const std::string path = "/api/v1/users?q=" + word;
  EXPECT_EQ(ids(path).size(), 3U);
  EXPECT_EQ(ids("/api/v1/users?q=" + word.substr(2, 9)).size(), 3U);
  show_to(people[0], "private");
  EXPECT_EQ(ids(path).size(), 2U);
  EXPECT_EQ(ids(path, people[0].token).size(), 3U);
  EXPECT_EQ(put(people[1], people[2].path() + "/block"), 204);
  EXPECT_EQ(ids(path, people[2].token).size(), 1U);
  const Reply first = house.get(path + "&limit=1");
  const Reply second = house.get(path + "&limit=1&cursor=" + first.text("nextCursor"));
  EXPECT_TRUE(second.body.at("nextCursor").is_null());
  EXPECT_NE(first.body.at("items").at(0).at("id"), second.body.at("items").at(0).at("id"));
  EXPECT_EQ(house.get("/api/v1/users").status, 400);
  EXPECT_EQ(ids("/api/v1/users?q=%25%25%25%25%25").size(), 0U);  // no pattern of the client's
}

TEST(Usernames, AreReservedInEveryDisguise) {
  for (const char* name : {"admin", "ADMIN", "Adm1n", "a.d.m.i.n", "wild-nout", "Moderator",
                           "supp0rt", "аdmin" /* a Cyrillic а */}) {
    EXPECT_TRUE(is_reserved(name)) << name;
  }
  for (const char* name : {"admiral", "lyric", "modest"}) EXPECT_FALSE(is_reserved(name)) << name;
}

TEST_F(PeopleApi, AStaleTagChangesNothingAndFollowersMakeNoTagStale) {
  const Somebody me = somebody();
  const Somebody fan = somebody();
  const auto ask = [&](http::Method method, const std::string& name, const std::string& tag,
                       const std::string& body = "") {
    std::map<std::string, std::string> headers{{"authorization", "Bearer " + me.token}};
    if (!tag.empty()) headers[name] = tag;
    if (!body.empty()) headers["content-type"] = "application/json";
    return loop.run([&] { return house.ask_with(method, "/api/v1/users/me", headers, body); });
  };
  const auto tag_of = [](const Reply& reply) {
    const std::size_t at = reply.headers.find("ETag: ") + 6;
    return reply.headers.substr(at, reply.headers.find('\r', at) - at);
  };
  const std::string seen = tag_of(ask(http::Method::get, "", ""));
  EXPECT_EQ(ask(http::Method::get, "if-none-match", seen).status, 304);
  EXPECT_EQ(put(fan, me.path() + "/follow"), 204);
  EXPECT_EQ(ask(http::Method::get, "if-none-match", seen).status, 200) << "a follower more";
  const Reply changed = ask(http::Method::patch, "if-match", seen, R"({"bio":"one"})");
  EXPECT_EQ(changed.status, 200);
  const Reply stale = ask(http::Method::patch, "if-match", seen, R"({"bio":"two"})");
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.code(), "precondition_failed");
  EXPECT_EQ(ask(http::Method::patch, "if-match", "W/" + tag_of(changed), R"({"bio":"x"})").status,
            412);
  EXPECT_EQ(ask(http::Method::patch, "if-match", tag_of(changed), R"({"bio":"three"})").status,
            200);
  EXPECT_EQ(ask(http::Method::patch, "if-match", "*", R"({"bio":"four"})").status, 200);
  EXPECT_FALSE(tag_of(house.get(me.path())).empty());
}

}  // namespace
}  // namespace wildnout::identity
