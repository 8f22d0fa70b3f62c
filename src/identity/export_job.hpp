// Making the archive of an export, in the background.
#pragma once

#include "contracts/background.hpp"
#include "contracts/record_keepers.hpp"
#include "identity/export_model.hpp"
#include "platform/async/cpu_pool.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::identity {

// In the transaction of the request.
[[nodiscard]] Task<> leave_export_job(db::Session& db, ExportId id);

// One for the process, beside its runner.
class ExportMaker {
 public:
  // `records`: every module's. `cpu_pool` compresses.
  ExportMaker(db::Database& database, crypto::Vault vault, RecordKeepers records,
              async::CpuPool& cpu_pool)
      : database_{database},
        vault_{std::move(vault)},
        records_{std::move(records)},
        cpu_pool_{cpu_pool} {}

  void register_job(jobs::Runner& runner);

  // What the job does. All of it in the job's transaction: an archive is there whole or not at all,
  // and what a runner that died has written is gone.
  [[nodiscard]] Task<> make(db::Session& db, jobs::Job job);

 private:
  [[nodiscard]] Task<std::int64_t> write_archive(db::Session& db, const ExportRow& row);

  db::Database& database_;
  crypto::Vault vault_;
  RecordKeepers records_;
  async::CpuPool& cpu_pool_;
};

}  // namespace wildnout::identity
