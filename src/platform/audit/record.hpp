// A row of the audit trail, and the bytes that its hash and signature are made over.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/db/codec.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::audit {

enum class Severity : std::uint8_t { info, warning, critical };
BOOST_DESCRIBE_ENUM(Severity, info, warning, critical)

struct Record {
  Uuid id;
  Timestamp created_at;
  std::string action_type;
  std::optional<Uuid> actor_id;
  std::optional<std::string> subject_type;
  std::optional<std::string> subject_id;
  Severity severity;
  std::string metadata;  // a JSON object
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
  std::optional<std::string> request_id;
  std::string key_id;
  db::Bytes mac;
};
BOOST_DESCRIBE_STRUCT(Record, (),
                      (id, created_at, action_type, actor_id, subject_type, subject_id, severity,
                       metadata, ip_address, user_agent, request_id, key_id, mac))

// Version 1, docs/audit.md: a name, then every column but the signature in the order above, each as
// its length (u32, big endian; all ones for NULL) and its bytes.
[[nodiscard]] std::string canonical(const Record& record);

// SHA-256 of the canonical bytes: what seals hold.
[[nodiscard]] crypto::Sha256 hash_of(const Record& record);

// HMAC-SHA256 over them: that the server wrote the row, not somebody with SQL alone.
[[nodiscard]] crypto::Sha256 sign(const Record& record, const crypto::DerivedKey& key);

// One field of a canonical text; also for seals.
void append_field(std::string_view bytes, std::string& out);
void append_field(std::uint64_t number, std::string& out);  // eight bytes, big endian

}  // namespace wildnout::audit
