// The job that looks at new facts and opens cases.
#pragma once

#include "audit/watch/case_repository.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/runner.hpp"

namespace wildnout::audit::watch {

inline constexpr std::chrono::seconds look_every{10};

// One for the process, on the shard that works. Of several nodes one looks at a time; what it found
// and how far it came are one transaction, so that no fact is passed over or counted anew.
class Watchman {
 public:
  Watchman(const Trail& trail, Detectors detectors) : trail_{trail}, detectors_{detectors} {}

  // Lives as long as the runner.
  void register_job(jobs::Runner& runner);
  // Has the job waiting, if it is not.
  [[nodiscard]] static Task<> ensure_job(db::Session& db);

  // In a transaction. True: there is more to look at.
  [[nodiscard]] Task<bool> look(db::Session& db);

 private:
  [[nodiscard]] Task<std::vector<Finding>> look_at_trail(db::Session& db, std::int64_t after,
                                                         std::int64_t through);
  [[nodiscard]] Task<std::vector<Finding>> look_at_sign_ins(db::Session& db, Timestamp from);
  [[nodiscard]] Task<> keep(db::Session& db, Finding finding);

  const Trail& trail_;
  Detectors detectors_;
};

}  // namespace wildnout::audit::watch
