// Permissions and the judgement of claims, as tables.
#include "identity/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "identity/token_cache.hpp"

namespace wildnout::identity {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::int64_t now_seconds = 1'795'343'250;
const Timestamp now{seconds{now_seconds}};
const IssuerPolicy policy{"https://clerk.example.com", {}, false};
const IssuerPolicy strict{"https://clerk.example.com", {"https://app.example.com"}, false};

// GoogleTest does not compare spans.
std::vector<std::string_view> listed(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

// The current form of Clerk's claims.
json::object good_claims() {
  return {{"azp", "https://app.example.com"},
          {"exp", now_seconds + 52},
          {"fva", {0, -1}},
          {"iat", now_seconds - 8},
          {"iss", "https://clerk.example.com"},
          {"jti", "1c5ad0d2b7d5e0a3a1f1"},
          {"nbf", now_seconds - 18},
          {"sid", "sess_2abc"},
          {"sub", "user_2abc"},
          {"sts", "active"},
          {"v", 2},
          {"pla", "u:free"}};
}

enum class Verdict { good, bad, expired };

Verdict verdict_on(const json::object& claims, const IssuerPolicy& of = policy) {
  const auto judged = judge(claims, of, now);
  if (std::holds_alternative<Proof>(judged)) return Verdict::good;
  return std::get<TokenFault>(judged) == TokenFault::expired ? Verdict::expired : Verdict::bad;
}

json::object with(std::string_view name, json::value value) {
  json::object claims = good_claims();
  claims[name] = std::move(value);
  return claims;
}

json::object without(std::string_view name) {
  json::object claims = good_claims();
  claims.erase(name);
  return claims;
}

TEST(Claims, GoodOnesProveWhoAndWhichSession) {
  const auto judged = judge(good_claims(), strict, now);
  ASSERT_TRUE(std::holds_alternative<Proof>(judged));
  const Proof& proof = std::get<Proof>(judged);
  EXPECT_EQ(proof.subject, "user_2abc");
  EXPECT_EQ(proof.session_id, "sess_2abc");
  EXPECT_EQ(proof.expires_at, now + seconds{52});
}

TEST(Claims, WhoActsInAnothersNameIsCarriedAlong) {
  const auto judged = judge(with("act", {{"sub", "user_staff"}, {"sid", "sess_9"}}), policy, now);
  ASSERT_TRUE(std::holds_alternative<Proof>(judged));
  EXPECT_EQ(std::get<Proof>(judged).actor, "user_staff");
  EXPECT_EQ(std::get<Proof>(judge(good_claims(), policy, now)).actor, "");
  for (const json::value& act :
       {json::value{nullptr}, json::value{"user_staff"}, json::value(json::object{}),
        json::value({{"sub", ""}}), json::value({{"sub", 7}})}) {
    EXPECT_EQ(verdict_on(with("act", act)), Verdict::bad) << json::serialize(act);
  }
}

TEST(Claims, TheOldFormWithoutVersionIsTakenToo) {
  json::object claims = without("v");
  claims.erase("sts");
  claims["org_role"] = "org:admin";
  EXPECT_EQ(verdict_on(claims), Verdict::good);
}

TEST(Claims, TimesMayBeFiveSecondsApart) {
  EXPECT_EQ(verdict_on(with("exp", now_seconds - 4)), Verdict::good);
  EXPECT_EQ(verdict_on(with("exp", now_seconds - 5)), Verdict::expired);
  EXPECT_EQ(verdict_on(with("exp", now_seconds - 6)), Verdict::expired);
  EXPECT_EQ(verdict_on(with("nbf", now_seconds + 5)), Verdict::good);
  EXPECT_EQ(verdict_on(with("nbf", now_seconds + 6)), Verdict::bad);
  EXPECT_EQ(verdict_on(with("iat", now_seconds + 5)), Verdict::good);
  EXPECT_EQ(verdict_on(with("iat", now_seconds + 30)), Verdict::bad);
  EXPECT_EQ(verdict_on(without("nbf")), Verdict::good);
  EXPECT_EQ(verdict_on(without("iat")), Verdict::good);
}

TEST(Claims, EachOneThatIsTamperedWithIsRefused) {
  const std::pair<const char*, json::value> table[] = {
      {"iss", "https://clerk.other.com"},
      {"iss", "https://clerk.example.com/"},
      {"iss", nullptr},
      {"sub", ""},
      {"sub", 7},
      {"sub", json::string(256, 'a')},
      {"sub", "user\n2"},
      {"sub", "us er"},
      {"sid", ""},
      {"sid", 7},
      {"sts", "pending"},
      {"sts", 7},
      {"v", 1},
      {"v", 3},
      {"v", "2"},
      {"v", nullptr},
      {"exp", "1795343302"},
      {"exp", nullptr},
      {"exp", 1.5},
      {"exp", 9'007'199'254'740'993},
      {"exp", true},
      {"nbf", "now"},
      {"nbf", nullptr},
      {"iat", 0.5},
      {"iat", json::array{}},
  };
  for (const auto& [name, value] : table) {
    EXPECT_EQ(verdict_on(with(name, value)), Verdict::bad) << name << ' ' << value;
  }
  for (const char* name : {"iss", "sub", "sid", "exp"}) {
    EXPECT_EQ(verdict_on(without(name)), Verdict::bad) << name;
  }
}

TEST(Claims, TheAuthorizedPartyIsLookedAtWhereOneIsConfigured) {
  EXPECT_EQ(verdict_on(with("azp", "https://evil.example"), strict), Verdict::bad);
  EXPECT_EQ(verdict_on(with("azp", 7), strict), Verdict::bad);
  EXPECT_EQ(verdict_on(without("azp"), strict), Verdict::bad);
  EXPECT_EQ(verdict_on(without("azp"), policy), Verdict::good);
  EXPECT_EQ(verdict_on(with("azp", "https://evil.example"), policy), Verdict::good);
}

TEST(Claims, WhatIsExpiredAndBadIsBad) {
  json::object claims = with("exp", now_seconds - 60);
  EXPECT_EQ(verdict_on(claims), Verdict::expired);
  claims["iss"] = "https://clerk.other.com";
  EXPECT_EQ(verdict_on(claims), Verdict::bad);
}

TEST(Claims, AnExpiryBeyondAllCalendarsEndsWithTheYear9999) {
  const auto judged = judge(with("exp", std::int64_t{1} << 53), policy, now);
  ASSERT_TRUE(std::holds_alternative<Proof>(judged));
  EXPECT_EQ(text_of(std::get<Proof>(judged).expires_at), "9999-12-31T23:59:59.000Z");
  EXPECT_EQ(verdict_on(with("exp", -(std::int64_t{1} << 53))), Verdict::expired);
}

TEST(Roles, EveryoneIsAUserAndMayTakePartInBattles) {
  const RoleSet roles;
  EXPECT_EQ(listed(roles.names()), std::vector<std::string_view>{"user"});
  const auto held = roles.permissions();
  for (const char* permission : {"battle:create", "battle:enter", "battle:vote"}) {
    EXPECT_TRUE(std::ranges::binary_search(held, std::string_view{permission})) << permission;
  }
  EXPECT_FALSE(std::ranges::binary_search(held, std::string_view{"battle:administer"}));
}

TEST(Roles, AdminsHoldEverythingAndModeratorsDecide) {
  const auto moderator = RoleSet{Role::moderator}.permissions();
  EXPECT_TRUE(std::ranges::binary_search(moderator, std::string_view{"moderation:decide"}));
  EXPECT_FALSE(std::ranges::binary_search(moderator, std::string_view{"battle:feature"}));
  const auto admin = RoleSet{Role::creator, Role::admin}.permissions();
  for (const std::string_view permission : moderator) {
    EXPECT_TRUE(std::ranges::binary_search(admin, permission)) << permission;
  }
  EXPECT_TRUE(std::ranges::binary_search(admin, std::string_view{"battle:administer"}));
}

TEST(Roles, MachinesMayDoWhatUsersMay) {
  EXPECT_EQ(listed(RoleSet{Role::service}.permissions()), listed(RoleSet{}.permissions()));
  EXPECT_EQ(listed(RoleSet{Role::service}.names()),
            (std::vector<std::string_view>{"user", "service"}));
}

TEST(Roles, PermissionsAreSortedSoThatTheyCanBeSearched) {
  for (const Role role : {Role::user, Role::creator, Role::moderator, Role::admin}) {
    EXPECT_TRUE(std::ranges::is_sorted(RoleSet{role}.permissions()));
  }
}

TEST(Roles, UnknownNamesArePassedOver) {
  RoleSet roles;
  roles.add(std::string_view{"emperor"});
  roles.add(std::string_view{"creator"});
  EXPECT_EQ(listed(roles.names()), (std::vector<std::string_view>{"user", "creator"}));
}

TEST(Bearer, TakesTheTokenBehindTheScheme) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bearer   abc"), "abc");
  EXPECT_FALSE(bearer_token("Bearer"));
  EXPECT_FALSE(bearer_token("Bearer  "));
  EXPECT_FALSE(bearer_token("Basic abc"));
  EXPECT_FALSE(bearer_token("abc"));
}

TEST(Cookie, TakesTheFirstOfItsName) {
  EXPECT_EQ(cookie_of("__session=abc", "__session"), "abc");
  EXPECT_EQ(cookie_of("a=1; __session=abc; b=2", "__session"), "abc");
  EXPECT_EQ(cookie_of("__session=abc;__session=def", "__session"), "abc");
  EXPECT_EQ(cookie_of("x=__session=no; __session=a=b ", "__session"), "a=b");
  EXPECT_FALSE(cookie_of("__session=", "__session"));
  EXPECT_FALSE(cookie_of("__session_x=abc; x__session=1; __session", "__session"));
  EXPECT_FALSE(cookie_of("", "__session"));
}

TEST(TokenCache, FindsTheWholeTokenAndNoneThatOnlyEndsAlike) {
  TokenCache<int> cache;
  cache.put("aaaa.same-signature-of-both", 1);
  ASSERT_NE(cache.find("aaaa.same-signature-of-both"), nullptr);
  EXPECT_EQ(cache.find("aaab.same-signature-of-both"), nullptr);
  EXPECT_EQ(cache.find(""), nullptr);
  cache.erase("aaaa.same-signature-of-both");
  EXPECT_EQ(cache.find("aaaa.same-signature-of-both"), nullptr);
}

TEST(TokenCache, KeepsWhatIsUsedAndStaysBounded) {
  TokenCache<int> cache;
  cache.put("the one that is used all the time", 7);
  for (std::size_t i = 0; i < 5 * TokenCache<int>::generation_tokens; ++i) {
    cache.put("token number " + std::to_string(i), 1);
    if (i % 1000 == 0) {
      ASSERT_NE(cache.find("the one that is used all the time"), nullptr);
    }
    ASSERT_LE(cache.size(), 2 * TokenCache<int>::generation_tokens);
  }
  EXPECT_EQ(cache.find("token number 0"), nullptr);
}

}  // namespace
}  // namespace wildnout::identity
