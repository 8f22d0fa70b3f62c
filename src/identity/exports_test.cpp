// Exports: links that hold, archives that are whole or not there, and who may have them when.
#include "identity/exports.hpp"

#include "identity/export_job.hpp"
#include "identity/export_repository.hpp"
#include "identity/export_resealing_repository.hpp"
#include "identity/fixture.hpp"
#include "identity/reconciler.hpp"
#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using test::House;
using test::Reply;

const db::Query<std::string(UserId)> payload_of_export{"test_payload_of_export", R"sql(
  SELECT payload FROM jobs
   WHERE unique_key = (SELECT 'export:' || id FROM exports WHERE user_id = $1
                        ORDER BY created_at DESC LIMIT 1))sql"};
const db::Query<std::int64_t(ExportId)> count_of_chunks{
    "test_count_of_chunks", "SELECT count(*) FROM export_chunks WHERE export_id = $1"};
const db::Query<void(ExportId)> let_it_be_old{"test_let_export_be_old", R"sql(
  UPDATE exports SET created_at = created_at - interval '2 hours' WHERE id = $1)sql"};
const db::Query<void(ExportId)> let_it_expire{"test_let_export_expire", R"sql(
  UPDATE exports SET expires_at = now_ms() - interval '1 second' WHERE id = $1)sql"};

// Has as many lines as it is told, or fails in the middle of them.
struct Lines final : RecordKeeper {
  int lines = 0;
  bool is_failing = false;

  Task<> collect(db::Session&, UserId, RecordSink& sink) override {
    for (int line = 0; line < lines; ++line) {
      co_await sink.add("test/lines", '"' + Uuid::make().text() + Uuid::make().text() + '"');
    }
    if (is_failing) throw std::runtime_error{"broken on purpose"};
  }
  Task<> erase(db::Session&, UserId) override { co_return; }
};

class ExportsTest : public ::testing::Test {
 protected:
  testing::Loop loop;
  House house{loop};
  async::CpuPool pool{1, 16};
  Lines lines;
  jobs::Runner runner{loop.executor(), house.database()};
  ExportMaker maker{house.database(), test::shared_vault(), {&lines}, pool};
  std::string token;
  UserId user;

  void SetUp() override {
    const auto issued = loop.run([&] { return house.service().issue(house.scope(), {}); });
    token = issued.token;
    user = issued.user_id;
  }
  Reply ask() { return house.post("/api/v1/users/me/exports", token, ""); }
  ExportId id_of(const Reply& reply) { return ExportId{*Uuid::parse(reply.text("exportId"))}; }
  // As the runner would: the whole in one transaction.
  void make(std::int32_t attempt = 1) {
    loop.run([&]() -> Task<> {
      jobs::Job job{Uuid::make(), "make_export", "", attempt};
      job.payload = co_await db::one(house.session(), payload_of_export, user);
      co_await house.database().transact(
          [&](db::Session& db) -> Task<> { co_await maker.make(db, job); });
    });
  }
  Reply look(ExportId id) { return house.get("/api/v1/users/me/exports/" + id.text(), token); }
  std::int64_t chunks(ExportId id) {
    return loop.run([&] { return db::one(house.session(), count_of_chunks, id); });
  }
};

TEST_F(ExportsTest, AreOneAtATimeAndThreeADay) {
  for (int one = 0; one < 3; ++one) {
    EXPECT_EQ(ask().status, 202);
    EXPECT_EQ(ask().status, 409);
    make();
  }
  const Reply refused = ask();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), "rate_limit_exceeded");
}

TEST_F(ExportsTest, AreShownToTheirOwnerAlone) {
  const ExportId id = id_of(ask());
  EXPECT_EQ(look(id).text("status"), "queued");
  const auto other = loop.run([&] { return house.service().issue(house.scope(), {}); });
  EXPECT_EQ(house.get("/api/v1/users/me/exports/" + id.text(), other.token).status, 404);
  make();
  const Reply ready = look(id);
  EXPECT_EQ(ready.text("status"), "ready");
  EXPECT_NE(ready.text("downloadUrl").find("/api/v1/exports/" + id.text()), std::string::npos);
}

TEST_F(ExportsTest, ThatFailLeaveNoPieceAndSayItAfterTheLastAttempt) {
  const ExportId id = id_of(ask());
  lines.lines = 10'000;
  lines.is_failing = true;
  EXPECT_THROW(make(1), std::runtime_error);
  EXPECT_EQ(chunks(id), 0);
  EXPECT_EQ(look(id).text("status"), "running");
  EXPECT_THROW(make(3), std::runtime_error);
  EXPECT_EQ(look(id).text("status"), "failed");
  EXPECT_EQ(ask().status, 202) << "a failed one is not counted";
}

TEST_F(ExportsTest, ThatNobodyWorksAtHaveFailedAndThoseWhoseTimeIsOverAreGone) {
  const ExportId stuck = id_of(ask());
  loop.run([&] { return db::run(house.session(), let_it_be_old, stuck); });
  loop.run([&] { return forget_old_exports(house.session()); });
  EXPECT_EQ(look(stuck).text("status"), "failed");
  loop.run([&] { return db::run(house.session(), let_it_expire, stuck); });
  EXPECT_EQ(look(stuck).status, 404);
  loop.run([&] { return forget_old_exports(house.session()); });
  EXPECT_EQ(look(stuck).status, 404);
}

TEST_F(ExportsTest, AreRewrittenUnderTheNewestKey) {
  lines.lines = 20'000;
  const ExportId id = id_of(ask());
  make();
  EXPECT_GT(chunks(id), 2);
  const protection::Column column = protected_archives().at(0);
  const auto keys = loop.run([&] { return column.keys(house.session()); });
  ASSERT_FALSE(keys.empty());
  const std::string key = test::shared_vault().newest_key();
  EXPECT_GT(loop.run([&] { return column.count(house.session(), key); }), 2);
  std::int64_t rewritten = 0;
  std::string after;
  while (true) {
    const auto batch = loop.run([&] {
      return house.database().transact([&](db::Session& db) {
        return column.rewrite(db, test::shared_vault(), {key, after, 200});
      });
    });
    rewritten += batch.rewritten;
    if (!batch.last) break;
    after = *batch.last;
  }
  EXPECT_GE(rewritten, chunks(id));
}

TEST(ExportLinks, HoldForOneArchiveOfOnePersonUntilItsEnd) {
  const crypto::KeyRing ring = crypto::KeyRing::parse(crypto::KeyRing::make("one"));
  const ExportLinks links{ring};
  const Timestamp now = system_now();
  const ExportRow row{ExportId::make(),
                      UserId::make(),
                      ExportStatus::ready,
                      1,
                      now,
                      now,
                      now + std::chrono::hours{24}};
  const std::string url = links.make(row);
  const auto part = [&](std::string_view name) {
    const std::size_t at = url.find(name) + name.size();
    return url.substr(at, url.find('&', at) - at);
  };
  const auto link = [&] {
    DownloadLink made;
    made.expires.value = Text<1, 20>::of(part("expires="));
    made.key.value = Text<1, 32>::of(part("key="));
    made.signature.value = Text<1, 64>::of(part("signature="));
    return made;
  };
  EXPECT_TRUE(links.accepts(row, link(), now));
  EXPECT_FALSE(links.accepts(row, link(), row.expires_at));
  ExportRow other = row;
  other.id = ExportId::make();
  EXPECT_FALSE(links.accepts(other, link(), now));
  other = row;
  other.user_id = UserId::make();
  EXPECT_FALSE(links.accepts(other, link(), now));
  DownloadLink stretched = link();
  stretched.expires.value = Text<1, 20>::of("9" + part("expires="));
  EXPECT_FALSE(links.accepts(row, stretched, now));
  const ExportLinks of_another{crypto::KeyRing::parse(crypto::KeyRing::make("one"))};
  EXPECT_FALSE(of_another.accepts(row, link(), now));
}

TEST(Reconciler, DeletesNobodyWhenTooManySeemGone) {
  EXPECT_TRUE(Reconciler::is_plausible(1, 2));
  EXPECT_FALSE(Reconciler::is_plausible(2, 2)) << "all of them: another instance's key";
  EXPECT_TRUE(Reconciler::is_plausible(3, 10));
  EXPECT_FALSE(Reconciler::is_plausible(4, 10));
  EXPECT_TRUE(Reconciler::is_plausible(50, 1000));
  EXPECT_FALSE(Reconciler::is_plausible(51, 1000));
}

}  // namespace
}  // namespace wildnout::identity
