// Writing the audit trail, in the transaction of the action that is recorded.
//
//   co_await trail.record(session, audit::author_of(caller, origin),
//                         {.action = "thing.removed", .subject_type = "thing",
//                          .subject_id = id.text(), .severity = audit::Severity::warning,
//                          .metadata = json::text_of(facts)});
#pragma once

#include <functional>
#include <string>

#include "platform/api/access.hpp"
#include "platform/api/parameters.hpp"
#include "platform/audit/record.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit {

// Who did it, and from where. Empty texts are unknown; no id: the system itself.
struct Author {
  std::optional<Uuid> id{};
  std::string ip_address{};
  std::string user_agent{};  // its first 512 bytes are kept
  std::string request_id{};
};

[[nodiscard]] Author author_of(const api::Caller& caller, const api::Origin& origin);

// What was done.
struct Fact {
  std::string action;  // "battle.transitionForced": subject and past participle
  std::string subject_type{};
  std::string subject_id{};
  Severity severity = Severity::info;
  // A JSON object, at most 16 KiB; never a secret, name or address. What people wrote stands under
  // `reason` or `note` in it and is sealed (person_keys.hpp).
  std::string metadata = "{}";
};

// The rows are signed with the installation's key. Any thread; cheap to copy.
class Trail {
 public:
  explicit Trail(const crypto::KeyRing& ring) : keys_{ring.derive(purpose)} {}

  // With a key that nobody else has and that ends with the process: for tests.
  [[nodiscard]] static Trail with_random_key();

  // The row stands when the transaction commits. `session` must be one: the row is to stand or fall
  // with what it tells of.
  [[nodiscard]] Task<> record(db::Session& session, Author author, Fact fact) const;

  [[nodiscard]] const crypto::DerivedKeys& keys() const { return keys_; }

 private:
  static constexpr std::string_view purpose = "wildnout audit";

  crypto::DerivedKeys keys_;
};

}  // namespace wildnout::audit
