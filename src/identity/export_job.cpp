// Collecting every module's records into a ZIP, and keeping it in encrypted pieces.
#include "identity/export_job.hpp"

#include "contracts/users.hpp"
#include "identity/export_repository.hpp"
#include "identity/exports.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"
#include "platform/zip/archive.hpp"

namespace wildnout::identity {

struct ExportJob {
  ExportId export_id;
};
BOOST_DESCRIBE_STRUCT(ExportJob, (), (export_id))

// The first file of an archive.
struct AboutArchive {
  UserId user_id;
  ExportId export_id;
  Timestamp made_at;
  std::string about;
};
BOOST_DESCRIBE_STRUCT(AboutArchive, (), (user_id, export_id, made_at, about))

namespace {

constexpr std::string_view make_export = "make_export";
constexpr int attempts = 3;
constexpr std::size_t chunk_bytes = 256 * 1024;                // about, before encryption
constexpr std::int64_t largest_archive = 512LL * 1024 * 1024;  // bytes

// Writes lists of records to files of the archive, and the archive to the table.
class ArchiveSink final : public RecordSink {
 public:
  ArchiveSink(db::Session& db, ExportId id, const crypto::Vault& vault, async::CpuPool& cpu_pool)
      : db_{db}, id_{id}, vault_{vault}, cpu_pool_{cpu_pool} {}

  [[nodiscard]] Task<> add(std::string_view file, std::string items) override {
    if (file != file_) {
      co_await end_file();
      file_ = file;
      archive_.begin_file(file_ + ".json");
      co_await write("[");
      is_empty_ = true;
    }
    if (items.empty()) co_return;
    co_await write((is_empty_ ? "\n" : ",\n") + std::move(items));
    is_empty_ = false;
  }

  [[nodiscard]] Task<> add_whole(const std::string& file, std::string text) {
    co_await end_file();
    archive_.begin_file(file);
    co_await write(std::move(text));
  }

  // Gives the archive's size.
  [[nodiscard]] Task<std::int64_t> finish() {
    co_await end_file();
    archive_.finish();
    co_await keep(archive_.take());
    co_return bytes_;
  }

 private:
  [[nodiscard]] Task<> end_file() {
    if (!file_.empty()) co_await write("\n]\n");
    file_.clear();
  }
  // Deflating is work for seconds in a large archive: not on the shard.
  [[nodiscard]] Task<> write(std::string text) {
    (void)co_await cpu_pool_.run([&] {
      archive_.add(text);
      return true;
    });
    if (archive_.waiting() >= chunk_bytes) co_await keep(archive_.take());
  }
  [[nodiscard]] Task<> keep(std::string piece) {
    bytes_ += static_cast<std::int64_t>(piece.size());
    if (bytes_ > largest_archive) throw std::runtime_error{"the archive is too large"};
    co_await insert_chunk(db_, id_, number_, seal_chunk(vault_, id_, number_, piece));
    ++number_;
  }

  db::Session& db_;
  ExportId id_;
  const crypto::Vault& vault_;
  async::CpuPool& cpu_pool_;
  zip::Archive archive_;
  std::string file_;
  bool is_empty_ = true;
  std::int32_t number_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace

Task<> leave_export_job(db::Session& db, ExportId id) {
  jobs::NewJob job{.type = std::string{make_export},
                   .payload = json::text_of(ExportJob{id}),
                   .unique_key = "export:" + id.text(),
                   .max_attempts = attempts};
  co_await jobs::enqueue(db, std::move(job));
}

void ExportMaker::register_job(jobs::Runner& runner) {
  runner.handle(std::string{make_export}, [this](db::Session& db, jobs::Job job) -> Task<> {
    return make(db, std::move(job));
  });
}

Task<std::int64_t> ExportMaker::write_archive(db::Session& db, const ExportRow& row) {
  ArchiveSink sink{db, row.id, vault_, cpu_pool_};
  const AboutArchive about{row.user_id, row.id, system_now(),
                           "Everything that is held about you: a file of JSON a kind, by module."};
  co_await sink.add_whole("about.json", json::text_of(about) + '\n');
  for (RecordKeeper* const records : records_) {
    co_await records->collect(db, row.user_id, sink);
  }
  co_return co_await sink.finish();
}

Task<> ExportMaker::make(db::Session& db, jobs::Job job) {
  const auto payload = json::read<ExportJob>(job.payload);
  // Seen by who asks while the archive is made; hence not in this transaction.
  const auto row = co_await begin_export(database_.session(), payload.export_id);
  if (!row) co_return;
  std::int64_t bytes = 0;
  std::exception_ptr fault;
  try {
    bytes = co_await write_archive(db, *row);
  } catch (...) {
    fault = std::current_exception();
  }
  if (fault && job.attempt >= attempts) co_await fail_export(database_.session(), row->id);
  if (fault) std::rethrow_exception(fault);
  const auto expires_at = co_await finish_export(db, row->id, bytes, archive_life);
  if (!expires_at) throw std::runtime_error{"the export is gone"};
  co_await bus::publish(db, row->user_id.value,
                        ExportReady{row->id.value, row->user_id, *expires_at});
  log::info("export ready", {{"export", row->id.text()}, {"bytes", bytes}});
}

}  // namespace wildnout::identity
