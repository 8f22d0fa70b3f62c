// The chain's check on trails made by hand, tampered with in every way.
#include "audit/rules.hpp"

#include <gtest/gtest.h>

#include "platform/audit/trail.hpp"

namespace wildnout::audit {
namespace {

const Trail trail = Trail::with_random_key();

Record record(int minute, std::string action = "thing.done") {
  Record made{};
  made.id = Uuid::make();
  made.created_at = Timestamp{std::chrono::minutes{minute}};
  made.action_type = std::move(action);
  made.metadata = "{}";
  made.severity = Severity::info;
  made.key_id = trail.keys().newest().id;
  made.mac = db::Bytes::of(sign(made, trail.keys().newest()));
  return made;
}

// Two seals of three rows each.
struct Chain {
  Chain() {
    for (int s = 0; s < 2; ++s) {
      std::vector<Record> sealed;
      for (int i = 0; i < 3; ++i) sealed.push_back(record(s * 3 + i));
      const Seal seal = make_seal(sealed, seals.empty() ? nullptr : &seals.back(),
                                  Timestamp{std::chrono::hours{s + 1}}, trail.keys().newest());
      std::vector<SealRow> lines;
      for (int i = 0; i < 3; ++i) {
        lines.push_back({seal.number, i, sealed[i].id, db::Bytes::of(hash_of(sealed[i]))});
        records.emplace(sealed[i].id, sealed[i]);
      }
      seals.push_back(seal);
      rows.push_back(lines);
    }
    head = {seals.back().number, seals.back().hash.octets};
  }

  [[nodiscard]] Verification check() const {
    ChainCheck check{trail.keys(), head};
    for (std::size_t s = 0; s < seals.size(); ++s) check.take(seals[s], rows[s], records);
    check.finish();
    for (const Record& one : unsealed) check.take_unsealed(one, has_time);
    return check.result();
  }
  [[nodiscard]] std::optional<FaultKind> fault() const {
    const auto found = check().first_fault;
    return found ? std::optional{found->kind} : std::nullopt;
  }
  Record& row(int seal, int position) { return records.at(rows[seal][position].row_id); }

  std::vector<Seal> seals;
  std::vector<std::vector<SealRow>> rows;
  std::map<Uuid, Record> records;
  std::vector<Record> unsealed;
  bool has_time = true;
  Head head;
};

TEST(AuditChain, HoldsAsItWasWritten) {
  Chain chain;
  chain.unsealed.push_back(record(99));
  const Verification result = chain.check();
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.checked_rows, 7);
  EXPECT_EQ(result.sealed_through, Timestamp{std::chrono::hours{2}});
}

TEST(AuditChain, FindsEveryColumnThatWasEdited) {
  const std::vector<void (*)(Record&)> edits{
      [](Record& r) { r.action_type += "x"; },
      [](Record& r) { r.actor_id = Uuid::make(); },
      [](Record& r) { r.subject_type = "s"; },
      [](Record& r) { r.subject_id = "s"; },
      [](Record& r) { r.metadata = "{ }"; },
      [](Record& r) { r.severity = Severity::critical; },
      [](Record& r) { r.ip_address = "::1"; },
      [](Record& r) { r.user_agent = "a"; },
      [](Record& r) { r.request_id = "r"; },
      [](Record& r) { r.key_id = "k"; },
      [](Record& r) { r.created_at += std::chrono::milliseconds{1}; }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Chain chain;
    edits[i](chain.row(0, 1));
    EXPECT_EQ(chain.fault(), FaultKind::edited) << i;
    EXPECT_EQ(chain.check().first_fault->row_id, chain.rows[0][1].row_id);
  }
}

TEST(AuditChain, TellsTheEndOfOneFieldFromTheBeginningOfTheNext) {
  Record one = record(1);
  Record other = one;
  one.subject_type = "ab";
  one.subject_id = "c";
  other.subject_type = "a";
  other.subject_id = "bc";
  EXPECT_NE(canonical(one), canonical(other));
  one.subject_id.reset();
  other = one;
  other.subject_id = "";
  EXPECT_NE(canonical(one), canonical(other));
}

TEST(AuditChain, FindsDeletedRows) {
  Chain chain;
  chain.records.erase(chain.rows[1][2].row_id);
  EXPECT_EQ(chain.fault(), FaultKind::deleted);
  Chain both;
  both.records.erase(both.rows[0][1].row_id);
  both.rows[0].erase(both.rows[0].begin() + 1);
  EXPECT_EQ(both.fault(), FaultKind::deleted);
}

TEST(AuditChain, FindsInsertedRows) {
  Chain forged;
  forged.unsealed.push_back(record(99));
  forged.unsealed[0].mac.octets[0] ^= 1;
  EXPECT_EQ(forged.fault(), FaultKind::inserted);
  Chain late;
  late.unsealed.push_back(record(1));
  late.has_time = false;
  EXPECT_EQ(late.fault(), FaultKind::inserted);
  Chain sealed;
  const Record extra = record(2);
  sealed.records.emplace(extra.id, extra);
  sealed.rows[0].push_back({1, 3, extra.id, db::Bytes::of(hash_of(extra))});
  EXPECT_EQ(sealed.fault(), FaultKind::inserted);
}

TEST(AuditChain, FindsReorderedRows) {
  Chain chain;
  std::swap(chain.rows[0][0], chain.rows[0][2]);
  EXPECT_EQ(chain.fault(), FaultKind::reordered);
  Chain ids;
  std::swap(ids.rows[0][0].row_id, ids.rows[0][2].row_id);
  EXPECT_EQ(ids.fault(), FaultKind::reordered);
}

TEST(AuditChain, FindsATruncatedChain) {
  Chain chain;
  for (const SealRow& row : chain.rows[1]) chain.records.erase(row.row_id);
  chain.seals.pop_back();
  chain.rows.pop_back();
  EXPECT_EQ(chain.fault(), FaultKind::truncated);
  Chain all;
  all.seals.clear();
  EXPECT_EQ(all.fault(), FaultKind::truncated);
}

TEST(AuditChain, FindsASealThatWasMadeAnew) {
  Chain chain;
  chain.row(0, 0).action_type = "thing.undone";
  const auto changed = chain.row(0, 0);
  std::vector<Record> sealed{changed, chain.row(0, 1), chain.row(0, 2)};
  // Even by somebody who has the key: the next seal, or the kept head, gives it away.
  chain.seals[0] = make_seal(sealed, nullptr, chain.seals[0].sealed_at, trail.keys().newest());
  chain.rows[0][0].row_hash = db::Bytes::of(hash_of(changed));
  EXPECT_EQ(chain.fault(), FaultKind::seal_changed);
  Chain head;
  head.head.hash[0] ^= 1;
  EXPECT_EQ(head.fault(), FaultKind::seal_changed);
  Chain first;
  first.seals.erase(first.seals.begin());
  first.rows.erase(first.rows.begin());
  EXPECT_EQ(first.fault(), FaultKind::seal_changed);
  Chain signature;
  signature.seals[1].mac.octets[0] ^= 1;
  EXPECT_EQ(signature.fault(), FaultKind::seal_changed);
}

}  // namespace
}  // namespace wildnout::audit
