// The rules of exports and their links.
#include "identity/exports.hpp"

#include <charconv>

#include "identity/export_job.hpp"
#include "identity/export_repository.hpp"

namespace wildnout::identity {
namespace {

constexpr std::string_view chunk_table = "export_chunks";
constexpr std::string_view chunk_column = "sealed";

audit::Fact fact_of(std::string action, ExportId id) {
  return {.action = std::move(action), .subject_type = "export", .subject_id = id.text()};
}

crypto::Sha256 signature_of(const crypto::DerivedKey& key, const ExportRow& row,
                            std::string_view expires) {
  std::string text = "wildnout-export/1\n" + row.id.text() + '\n' + row.user_id.text() + '\n';
  text.append(expires);
  return crypto::hmac_sha256(crypto::ByteView{key.key}, crypto::bytes_of(text));
}

class ArchiveChunks final : public http::BodySource {
 public:
  ArchiveChunks(db::Database& database, crypto::Vault vault, ExportId id)
      : database_{database}, vault_{std::move(vault)}, id_{id} {}

  [[nodiscard]] Task<bool> next(std::string& out) override {
    const auto chunk = co_await find_chunk(database_.session(db::Work::slow), id_, number_);
    if (!chunk && number_ == 0) throw std::runtime_error{"the archive is gone"};
    if (!chunk) co_return false;
    out.append(open_chunk(vault_, id_, number_, chunk->octets));
    ++number_;
    co_return true;
  }

 private:
  db::Database& database_;
  crypto::Vault vault_;
  ExportId id_;
  std::int32_t number_ = 0;
};

}  // namespace

std::string chunk_row(ExportId id, std::int32_t number) {
  return id.text() + '/' + std::to_string(number);
}

db::Bytes seal_chunk(const crypto::Vault& vault, ExportId id, std::int32_t number,
                     std::string_view clear) {
  const std::string row = chunk_row(id, number);
  return {vault.seal(clear, {chunk_table, chunk_column, row})};
}

std::string open_chunk(const crypto::Vault& vault, ExportId id, std::int32_t number,
                       std::string_view sealed) {
  const std::string row = chunk_row(id, number);
  return vault.open(sealed, {chunk_table, chunk_column, row});
}

std::string ExportLinks::make(const ExportRow& row) const {
  const std::string expires = std::to_string(row.expires_at.time_since_epoch().count());
  const crypto::DerivedKey& key = keys_.newest();
  return "/api/v1/exports/" + row.id.text() + "/archive?expires=" + expires + "&key=" + key.id +
         "&signature=" + crypto::base64url(signature_of(key, row, expires));
}

bool ExportLinks::accepts(const ExportRow& row, const DownloadLink& link, Timestamp now) const {
  const crypto::DerivedKey* key = keys_.find(link.key->raw());
  if (key == nullptr) return false;
  const std::string& expires = link.expires->raw();
  const auto given = crypto::parse_base64url(link.signature->raw());
  if (!given) return false;
  const crypto::Sha256 due = signature_of(*key, row, expires);
  if (!crypto::are_equal(crypto::bytes_of(*given), due)) return false;
  std::int64_t milliseconds = 0;
  const auto [end, error] =
      std::from_chars(expires.data(), expires.data() + expires.size(), milliseconds);
  return error == std::errc{} && end == expires.data() + expires.size() &&
         now.time_since_epoch().count() < milliseconds;
}

Export Exports::shown(const ExportRow& row) const {
  Export shown{row.id, row.status, row.created_at, {}, {}, {}};
  if (row.status != ExportStatus::ready) return shown;
  shown.bytes = row.bytes.value_or(0);
  shown.download_url = public_url_ + links_.make(row);
  shown.expires_at = row.expires_at;
  return shown;
}

Task<Export> Exports::ask(db::Scope scope, audit::Author author, UserId user) {
  co_return co_await scope.transact([&](db::Session& db) -> Task<Export> {
    const auto row = co_await insert_export(db, ExportId::make(), user);
    api::require(row.has_value(), export_under_way);
    // The one just made is counted.
    const RecentExports recent = co_await find_recent_exports(db, user);
    if (recent.count > exports_a_day) {
      throw api::Refused{too_many_exports,
                         R"({"retryAfter":)" + std::to_string(recent.seconds_left) + '}'};
    }
    co_await leave_export_job(db, row->id);
    co_await trail_.record(db, author, fact_of("user.exportRequested", row->id));
    co_return shown(*row);
  });
}

Task<Export> Exports::find(UserId user, ExportId id) {
  const auto row = co_await find_export(database_.session(), id);
  api::require(row && row->user_id == user, api::not_found);
  co_return shown(*row);
}

Task<Exports::Download> Exports::open(ExportId id, DownloadLink link, audit::Author author) {
  const auto row = co_await find_export(database_.session(), id);
  const bool is_good =
      row && row->status == ExportStatus::ready && links_.accepts(*row, link, system_now());
  api::require(is_good, dead_link);
  // Whoever has the link: the row tells from where it was used.
  author.id = row->user_id.value;
  co_await database_.transact([&](db::Session& db) -> Task<> {
    co_await trail_.record(db, author, fact_of("user.exportDownloaded", id));
  });
  co_return Download{std::make_unique<ArchiveChunks>(database_, vault_, id),
                     "wildnout-" + text_of(row->created_at).substr(0, 10) + ".zip"};
}

}  // namespace wildnout::identity
