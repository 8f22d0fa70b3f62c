// The detectors: pure functions from facts to findings.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/watch/thresholds.hpp"
#include "platform/audit/record.hpp"
#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::audit::watch {

enum class AnomalyKind : std::uint8_t {
  failed_sign_ins,
  spread_sign_ins,
  many_networks,
  staff_rate,
  mass_export,
  mass_reading,
  permission_probing
};
BOOST_DESCRIBE_ENUM(AnomalyKind, failed_sign_ins, spread_sign_ins, many_networks, staff_rate,
                    mass_export, mass_reading, permission_probing)

enum class SubjectType : std::uint8_t { user, network, everybody };
BOOST_DESCRIBE_ENUM(SubjectType, user, network, everybody)

// ---- facts, each list in the order of its time

// Refused credentials of one minute and network (0: networks that were not told apart).
struct FailedSignIns {
  Timestamp minute;
  std::int64_t network;
  std::int64_t failures;
};
BOOST_DESCRIBE_STRUCT(FailedSignIns, (), (minute, network, failures))

// An account was used from this network within the ten minutes from `slot` on.
struct NetworkUse {
  Timestamp slot;
  Uuid user_id;
  std::int64_t network;
};
BOOST_DESCRIBE_STRUCT(NetworkUse, (), (slot, user_id, network))

// A row of the trail that somebody is the actor of.
struct Act {
  Uuid row_id;
  Timestamp created_at;
  Uuid actor_id;
  std::string action_type;
  std::optional<std::string> route;  // of a denial
};
BOOST_DESCRIBE_STRUCT(Act, (), (row_id, created_at, actor_id, action_type, route))

// ---- findings

inline constexpr std::size_t most_rows_of_evidence = 100;
inline constexpr std::size_t most_routes_of_evidence = 20;

struct Evidence {
  std::int64_t limit;
  std::int64_t window_seconds;
  std::int64_t facts;               // what was counted
  std::vector<Uuid> rows;           // the first of the audit rows
  std::vector<std::string> routes;  // that were asked for
};
BOOST_DESCRIBE_STRUCT(Evidence, (), (limit, window_seconds, facts, rows, routes))

struct Finding {
  AnomalyKind kind;
  SubjectType subject_type;
  std::string subject_id;  // an id, a network's number, or "*"
  Severity severity;
  Timestamp first_at;
  Timestamp last_at;
  Evidence evidence;
};

// When the last fact was that a resolved case speaks of, by kind and subject: what was judged by a
// person is not looked at again.
using Judged = std::map<std::pair<AnomalyKind, std::string>, Timestamp>;

// Of the networks on their own, and of all that are left together.
[[nodiscard]] std::vector<Finding> detect(const std::vector<FailedSignIns>& facts,
                                          const Detectors& detectors, const Judged& judged);
[[nodiscard]] std::vector<Finding> detect(const std::vector<NetworkUse>& facts,
                                          const Detectors& detectors, const Judged& judged);
// Staff at an unusual rate, mass export, mass reading, probing.
[[nodiscard]] std::vector<Finding> detect(const std::vector<Act>& facts, const Detectors& detectors,
                                          const Judged& judged);

[[nodiscard]] const Detector& detector_of(AnomalyKind kind, const Detectors& detectors);

// Every action type that a detector counts.
[[nodiscard]] const std::vector<std::string>& watched_actions();

// The longest window of all.
[[nodiscard]] seconds longest_of(const Detectors& detectors);

}  // namespace wildnout::audit::watch
