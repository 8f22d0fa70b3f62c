// Cases as they are stored and shown, and what administrators make of them.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>

#include "audit/watch/rules.hpp"
#include "platform/json/coding.hpp"
#include "platform/values/constraints.hpp"

namespace wildnout::audit::watch {

enum class AnomalyState : std::uint8_t { open, resolved };
BOOST_DESCRIBE_ENUM(AnomalyState, open, resolved)

// confirmed: it was an attack. handled: it was none, but something was to be done.
enum class AnomalyResolution : std::uint8_t { confirmed, false_alarm, handled };
BOOST_DESCRIBE_ENUM(AnomalyResolution, confirmed, false_alarm, handled)

struct CaseRow {
  Uuid id;
  AnomalyKind kind;
  SubjectType subject_type;
  std::string subject_id;
  Severity severity;
  DetectorMode mode;
  std::int64_t fact_count;
  std::string evidence;
  Timestamp first_at;
  Timestamp last_at;
  Timestamp found_at;
  std::optional<AnomalyResolution> resolution;
  std::optional<std::string> note;
  std::optional<Uuid> resolved_by;
  std::optional<Timestamp> resolved_at;
};
BOOST_DESCRIBE_STRUCT(CaseRow, (),
                      (id, kind, subject_type, subject_id, severity, mode, fact_count, evidence,
                       first_at, last_at, found_at, resolution, note, resolved_by, resolved_at))

// Until when the facts of a kind and subject were judged by a person.
struct JudgedRow {
  AnomalyKind kind;
  std::string subject_id;
  Timestamp until;
};
BOOST_DESCRIBE_STRUCT(JudgedRow, (), (kind, subject_id, until))

// How far the watch has looked.
struct Position {
  std::int64_t seal;
  Timestamp minute;
};
BOOST_DESCRIBE_STRUCT(Position, (), (seal, minute))

struct CaseFilter {
  std::optional<AnomalyState> state;
  std::optional<AnomalyKind> kind;
  std::optional<Severity> severity;
};

// ---- requests and answers

struct ResolveAnomaly {
  AnomalyResolution resolution;
  Text<3, 1000> note;
};
BOOST_DESCRIBE_STRUCT(ResolveAnomaly, (), (resolution, note))

struct Anomaly {
  Uuid id;
  AnomalyKind kind;
  AnomalyState state;
  Severity severity;
  DetectorMode mode;  // of its detector when it was found
  SubjectType subject_type;
  std::string subject_id;   // a user's id, the number of a network, or *
  std::int64_t fact_count;  // what was counted
  json::Raw evidence;
  Timestamp first_at;  // of the facts
  Timestamp last_at;
  Timestamp found_at;
  std::optional<AnomalyResolution> resolution;
  std::optional<std::string> note;
  std::optional<Uuid> resolved_by;
  std::optional<Timestamp> resolved_at;
};
BOOST_DESCRIBE_STRUCT(Anomaly, (),
                      (id, kind, state, severity, mode, subject_type, subject_id, fact_count,
                       evidence, first_at, last_at, found_at, resolution, note, resolved_by,
                       resolved_at))

}  // namespace wildnout::audit::watch
