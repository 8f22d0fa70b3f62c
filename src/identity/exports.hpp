// Asking for an archive of everything that is held about oneself, and fetching it.
#pragma once

#include <memory>
#include <string>

#include "identity/export_model.hpp"
#include "identity/settings.hpp"
#include "platform/api/access.hpp"
#include "platform/audit/trail.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/database.hpp"
#include "platform/http/response.hpp"

namespace wildnout::identity {

// How long an archive can be fetched.
inline constexpr std::chrono::hours archive_life{24};

// What a download link is signed over: the archive, whose it is, and until when. Whoever has the
// link has the archive; it can be made by nobody without the installation's key, and not stretched.
class ExportLinks {
 public:
  explicit ExportLinks(const crypto::KeyRing& ring) : keys_{ring.derive("wildnout export links")} {}

  // "/api/v1/exports/…", to be put behind the service's URL.
  [[nodiscard]] std::string make(const ExportRow& row) const;
  [[nodiscard]] bool accepts(const ExportRow& row, const DownloadLink& link, Timestamp now) const;

 private:
  crypto::DerivedKeys keys_;
};

// One a shard.
class Exports {
 public:
  Exports(db::Database& database, const Settings& settings, const audit::Trail& trail)
      : database_{database},
        public_url_{settings.public_url},
        links_{settings.keys},
        vault_{settings.vault},
        trail_{trail} {}

  // Refuses: export_under_way, too_many_exports.
  [[nodiscard]] Task<Export> ask(db::Scope scope, audit::Author author, UserId user);
  // Refuses: not_found, also for somebody else's.
  [[nodiscard]] Task<Export> find(UserId user, ExportId id);

  struct Download {
    std::unique_ptr<http::BodySource> archive;
    std::string file_name;
  };
  // Refuses: dead_link.
  [[nodiscard]] Task<Download> open(ExportId id, DownloadLink link, audit::Author author);

  [[nodiscard]] const crypto::Vault& vault() const { return vault_; }

 private:
  [[nodiscard]] Export shown(const ExportRow& row) const;

  db::Database& database_;
  std::string public_url_;
  ExportLinks links_;
  crypto::Vault vault_;
  const audit::Trail& trail_;
};

// A piece of an archive, bound to its place. Opening throws crypto::Unopenable.
[[nodiscard]] std::string chunk_row(ExportId id, std::int32_t number);
[[nodiscard]] db::Bytes seal_chunk(const crypto::Vault& vault, ExportId id, std::int32_t number,
                                   std::string_view clear);
[[nodiscard]] std::string open_chunk(const crypto::Vault& vault, ExportId id, std::int32_t number,
                                     std::string_view sealed);

}  // namespace wildnout::identity
