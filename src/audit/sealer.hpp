// The background work of the trail: sealing what was written, and making room for the next months.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "audit/head_file.hpp"
#include "platform/async/signal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit {

// One for the process, on the shard that works.
class Sealer {
 public:
  // `folder`: where the head is kept.
  Sealer(db::Database& database, const Trail& trail, std::filesystem::path folder)
      : database_{database}, trail_{trail}, folder_{std::move(folder)} {}

  // Until `stop`.
  [[nodiscard]] Task<> run();
  void stop();

  // Seals what no seal covers yet; gives how many rows. 0 also when another node is at it.
  [[nodiscard]] Task<std::int64_t> seal();

 private:
  struct Step {
    std::int64_t sealed = 0;
    std::optional<Seal> made;
    std::optional<RowPlace> next;  // there may be more behind this row
  };
  [[nodiscard]] Task<Step> seal_in(db::Session& session, std::optional<RowPlace> after);
  [[nodiscard]] Task<> keep(Seal seal);

  db::Database& database_;
  const Trail& trail_;
  std::filesystem::path folder_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

}  // namespace wildnout::audit
