// Sealed values open where they were sealed, and nowhere else.
#include "platform/crypto/vault.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace wildnout::crypto {
namespace {

constexpr Place place{"users", "email", "0198c0de-0000-7000-8000-000000000001"};
constexpr std::string_view clear = "ada@example.org";

KeyRing ring_of(std::initializer_list<char> ids) {
  std::string text;
  for (const char id : ids) {
    text += text.empty() ? "" : ",";
    text += std::string{'k', id} + ':' + std::string(64, id);
  }
  return KeyRing::parse(text);
}

const Vault vault{ring_of({'1'})};

TEST(Vault, OpensWhatItSealedWhateverTheBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (const std::string& text :
       {std::string{clear}, std::string{}, all, std::string(70'000, 'x')}) {
    const std::string sealed = vault.seal(text, place);
    EXPECT_EQ(sealed.size(), 2 + 2 + 12 + text.size() + 16);
    EXPECT_EQ(vault.open(sealed, place), text);
    EXPECT_EQ(sealing_key(sealed), "k1");
  }
  EXPECT_EQ(vault.seal(clear, place).find(clear), std::string::npos);
}

TEST(Vault, NeverSealsTwiceAlike) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(vault.seal(clear, place)).second);
}

TEST(Vault, OpensNothingThatWasMoved) {
  const std::string sealed = vault.seal(clear, place);
  for (const Place& other :
       {Place{"people", place.column, place.row}, Place{place.table, "name", place.row},
        Place{place.table, place.column, "0198c0de-0000-7000-8000-000000000002"},
        Place{"user", "semail", place.row}, Place{place.table, place.column, ""}}) {
    EXPECT_THROW((void)vault.open(sealed, other), Unopenable);
  }
}

TEST(Vault, OpensNothingOfWhichOneByteWasChangedAddedOrTaken) {
  const std::string sealed = vault.seal(clear, place);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_THROW((void)vault.open(changed, place), Unopenable) << "byte " << i;
    }
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THROW((void)vault.open(sealed.substr(0, size), place), Unopenable) << size << " bytes";
  }
  EXPECT_THROW((void)vault.open(sealed + '\0', place), Unopenable);
  EXPECT_THROW((void)vault.open(clear, place), Unopenable);
}

TEST(Vault, OpensWithAnyKeyOfTheRingAndSealsWithTheFirst) {
  const std::string old = vault.seal(clear, place);
  const Vault both{ring_of({'2', '1'})};
  EXPECT_EQ(both.open(old, place), clear);
  EXPECT_EQ(sealing_key(both.seal(clear, place)), "k2");
  EXPECT_EQ(both.newest_key(), "k2");
  EXPECT_EQ(both.older_keys(), std::vector<std::string>{"k1"});
  const Vault later{ring_of({'2'})};
  EXPECT_THROW((void)later.open(old, place), Unopenable);
  EXPECT_EQ(later.open(both.seal(clear, place), place), clear);
}

TEST(Vault, OpensNothingByAnotherKeyUnderTheSameName) {
  const Vault other{KeyRing::parse("k1:" + std::string(64, 'f'))};
  EXPECT_THROW((void)other.open(vault.seal(clear, place), place), Unopenable);
}

TEST(Vault, IndexesTheSameTextAlikeInOneColumnAlone) {
  const Sha256 index = vault.index(clear, "users", "email");
  EXPECT_EQ(vault.index(clear, "users", "email"), index);
  EXPECT_NE(vault.index("bob@example.org", "users", "email"), index);
  EXPECT_NE(vault.index(clear, "users", "name"), index);
  EXPECT_NE(vault.index(clear, "people", "email"), index);
  const Vault both{ring_of({'2', '1'})};
  const auto candidates = both.indexes(clear, "users", "email");
  EXPECT_EQ(candidates, (std::vector{both.index(clear, "users", "email"), index}));
}

TEST(Vault, ServesManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const std::string own = std::to_string(i) + "@example.org";
      for (int round = 0; round < 500; ++round) {
        EXPECT_EQ(vault.open(vault.seal(own, place), place), own);
      }
    });
  }
}

}  // namespace
}  // namespace wildnout::crypto
