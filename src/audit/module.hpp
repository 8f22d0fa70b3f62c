// The only door of the audit module.
#pragma once

#include <filesystem>

#include "audit/report.hpp"
#include "audit/watch/service.hpp"
#include "audit/watch/sign_in_book.hpp"
#include "platform/api/cursor.hpp"
#include "platform/api/router.hpp"
#include "platform/api/watch.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit {

// Writes down who asked for what they may not, and who acts in another's name.
class RequestRecorder final : public api::Watch {
 public:
  RequestRecorder(db::Database& database, const Trail& trail, watch::SignInBook& book)
      : database_{database}, trail_{trail}, book_{book} {}

  [[nodiscard]] Task<> denied(const api::Caller& caller, const http::Request& request,
                              const api::Route& route) override;
  [[nodiscard]] Task<> impersonated(const api::Caller& caller, const http::Request& request,
                                    const api::Route& route) override;
  void refused_credentials(const http::Request& request) noexcept override;

 private:
  [[nodiscard]] Task<> record(const api::Caller& caller, const http::Request& request, Fact fact);

  db::Database& database_;
  const Trail& trail_;
  watch::SignInBook& book_;
};

// One a shard, made and destroyed on it.
class Module {
 public:
  // `folder`: where a worker of this node keeps the head. `networks`: the same key on every node.
  Module(db::Database& database, const Trail& trail, std::filesystem::path folder,
         crypto::NetworkNumbers networks)
      : database_{database},
        trail_{trail},
        folder_{std::move(folder)},
        book_{database, std::move(networks)},
        recorder_{database, trail, book_},
        anomalies_{trail},
        reports_{database, trail, folder_} {}

  void mount(api::Router& router, const api::Cursors& cursors);

  // The work of every shard, until `stop`.
  [[nodiscard]] Task<> run() { return book_.run(); }
  void stop() { book_.stop(); }

  [[nodiscard]] api::Watch& watch() { return recorder_; }
  [[nodiscard]] SignIns& sign_ins() { return book_; }
  [[nodiscard]] watch::SignInBook& book() { return book_; }

 private:
  db::Database& database_;
  const Trail& trail_;
  std::filesystem::path folder_;
  watch::SignInBook book_;
  RequestRecorder recorder_;
  watch::AnomalyService anomalies_;
  Reports reports_;
};

}  // namespace wildnout::audit
