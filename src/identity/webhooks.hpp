// Clerk's webhooks: checked, taken once, and harmless in any order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/clerk_events.hpp"
#include "identity/erasure.hpp"
#include "identity/service.hpp"
#include "identity/session_book.hpp"
#include "platform/api/refusal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/crypto/webhook.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

inline constexpr api::Refusal invalid_webhook{400, "invalid_webhook",
                                              "The webhook cannot be accepted"};

// What became of a delivery; also its word in the log and the table.
enum class Outcome : std::uint8_t { done, repeated, stale, gone, ignored };
BOOST_DESCRIBE_ENUM(Outcome, done, repeated, stale, gone, ignored)

// One a shard.
class Webhooks {
 public:
  Webhooks(db::Database& database, const Settings& settings, Service& service, SessionBook& book,
           Erasures& erasures, const audit::Trail& trail)
      : database_{database},
        settings_{settings},
        service_{service},
        book_{book},
        erasures_{erasures},
        trail_{trail} {}

  // Effect and memory of the id are one transaction: of simultaneous repeats one has the effect and
  // the others wait for it. Throws invalid_webhook, with no word on what is wrong with it.
  // What changed something is in the audit trail.
  [[nodiscard]] Task<Outcome> receive(crypto::SignedMessage message, audit::Author author = {});

  // A state of a user's, from a webhook or read from Clerk: taken when it is newer than what is
  // known of a user who was not deleted.
  [[nodiscard]] Task<Outcome> take_user(db::Session& db, ClerkUser user);
  [[nodiscard]] Task<Outcome> take_deletion(db::Session& db, std::string clerk_id);

 private:
  [[nodiscard]] ClerkEvent checked(const crypto::SignedMessage& message) const;
  [[nodiscard]] Task<Outcome> take(db::Session& db, ClerkEvent event);
  [[nodiscard]] Task<Outcome> take_session(db::Session& db, ClerkSessionBegun session);
  [[nodiscard]] Task<Outcome> take_session_end(db::Session& db, ClerkSessionEnded session);
  [[nodiscard]] Task<> write(db::Session& db, UserId id, const ClerkUser& user);
  [[nodiscard]] Task<bool> insert(db::Session& db, const ClerkUser& user);

  db::Database& database_;
  const Settings& settings_;
  Service& service_;
  SessionBook& book_;
  Erasures& erasures_;
  const audit::Trail& trail_;
};

}  // namespace wildnout::identity
