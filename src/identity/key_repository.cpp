// The SQL of kept key sets.
#include "identity/key_repository.hpp"

#include <boost/describe/class.hpp>

#include "platform/db/query.hpp"

namespace wildnout::identity {

struct KeptRow {
  std::string jwks;
  std::int64_t age;  // milliseconds
};
BOOST_DESCRIBE_STRUCT(KeptRow, (), (jwks, age))

namespace {

const db::Query<KeptRow(std::string)> kept_key_set{"kept_key_set", R"sql(
  SELECT jwks, (extract(epoch FROM now_ms() - read_at) * 1000)::bigint AS age
    FROM key_sets WHERE issuer = $1)sql"};

const db::Query<void(std::string, std::string)> keep_key_set{"keep_key_set", R"sql(
  INSERT INTO key_sets (issuer, jwks) VALUES ($1, $2)
  ON CONFLICT (issuer) DO UPDATE SET jwks = excluded.jwks, read_at = excluded.read_at)sql"};

}  // namespace

Task<std::optional<KeyArchive::Kept>> StoredKeys::find(std::string issuer) {
  const auto row = co_await db::maybe(database_.session(), kept_key_set, issuer);
  if (!row) co_return std::nullopt;
  co_return Kept{row->jwks, std::chrono::milliseconds{row->age}};
}

Task<> StoredKeys::keep(std::string issuer, std::string jwks) {
  co_await db::run(database_.session(db::Work::writes), keep_key_set, issuer, jwks);
}

}  // namespace wildnout::identity
