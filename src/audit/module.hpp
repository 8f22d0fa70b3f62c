// The only door of the audit module.
#pragma once

#include <filesystem>

#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit {

// Writes down who asked for what they may not.
class DenialRecorder final : public api::Watch {
 public:
  DenialRecorder(db::Database& database, const Trail& trail) : database_{database}, trail_{trail} {}

  [[nodiscard]] Task<> denied(const api::Caller& caller, const http::Request& request,
                              const api::Route& route) override;

 private:
  db::Database& database_;
  const Trail& trail_;
};

// One a shard, made and destroyed on it.
class Module {
 public:
  // `folder`: where a worker of this node keeps the head.
  Module(db::Database& database, const Trail& trail, std::filesystem::path folder)
      : database_{database},
        trail_{trail},
        folder_{std::move(folder)},
        recorder_{database, trail} {}

  void mount(api::Router& router, const api::Cursors& cursors);

  [[nodiscard]] api::Watch& watch() { return recorder_; }

 private:
  db::Database& database_;
  const Trail& trail_;
  std::filesystem::path folder_;
  DenialRecorder recorder_;
};

}  // namespace wildnout::audit
