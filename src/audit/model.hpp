// Rows, requests and answers of the audit module.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/audit/record.hpp"
#include "platform/json/coding.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::audit {

// ---- rows

struct Seal {
  std::int64_t number;
  Timestamp sealed_at;
  std::int32_t row_count;
  db::Bytes rows_hash;  // SHA-256 over the rows' hashes in their order
  db::Bytes previous;   // the hash of the seal before; zeros for the first
  std::string key_id;
  db::Bytes hash;
  db::Bytes mac;
};
BOOST_DESCRIBE_STRUCT(Seal, (),
                      (number, sealed_at, row_count, rows_hash, previous, key_id, hash, mac))

struct SealRow {
  std::int64_t seal;
  std::int32_t position;
  Uuid row_id;
  db::Bytes row_hash;
};
BOOST_DESCRIBE_STRUCT(SealRow, (), (seal, position, row_id, row_hash))

// A place in the order of rows.
struct RowPlace {
  Timestamp created_at;
  Uuid id;
};
BOOST_DESCRIBE_STRUCT(RowPlace, (), (created_at, id))

struct RowFilter {
  std::optional<Uuid> user_id;   // actor or subject
  std::optional<Uuid> actor_id;  // the actor alone
  std::optional<std::string> action_type;
  std::optional<Severity> severity;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;  // not included
};

// ---- answers

struct AuditRow {
  Uuid id;
  std::string action_type;
  std::optional<Uuid> actor_id;
  std::optional<std::string> subject_type;
  std::optional<std::string> subject_id;
  Severity severity;
  json::Raw metadata;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
  std::optional<std::string> request_id;
  Timestamp created_at;
};
BOOST_DESCRIBE_STRUCT(AuditRow, (),
                      (id, action_type, actor_id, subject_type, subject_id, severity, metadata,
                       ip_address, user_agent, request_id, created_at))

enum class FaultKind : std::uint8_t {
  edited,        // a row is not what was sealed
  deleted,       // a sealed row is gone
  inserted,      // a row that the server did not write, or that came in behind its time
  reordered,     // rows that are all there, in another order than they were sealed in
  truncated,     // seals at the end are gone, with what they covered
  seal_changed,  // a seal is not what it was, or not chained to the one before
};
BOOST_DESCRIBE_ENUM(FaultKind, edited, deleted, inserted, reordered, truncated, seal_changed)

struct TrailFault {
  std::optional<Uuid> row_id;  // none: it cannot be told, or it is a matter of a seal
  FaultKind kind;
};
BOOST_DESCRIBE_STRUCT(TrailFault, (), (row_id, kind))

struct Verification {
  bool ok = true;
  std::int64_t checked_rows = 0;
  std::optional<Timestamp> sealed_through;  // when the newest seal was made
  std::optional<TrailFault> first_fault;
};
BOOST_DESCRIBE_STRUCT(Verification, (), (ok, checked_rows, sealed_through, first_fault))

}  // namespace wildnout::audit
