// The counts of a report.
#pragma once

#include "audit/report.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit {

struct TypeCount {
  std::string action_type;
  std::int64_t count;
};
BOOST_DESCRIBE_STRUCT(TypeCount, (), (action_type, count))

// By action type; from is included, to is not.
[[nodiscard]] Task<std::vector<TypeCount>> count_actions(db::Session& db, Timestamp from,
                                                         Timestamp to);
[[nodiscard]] Task<std::int64_t> count_sign_in_failures(db::Session& db, Timestamp from,
                                                        Timestamp to);
[[nodiscard]] Task<std::vector<AnomalyCount>> count_anomalies(db::Session& db, Timestamp from,
                                                              Timestamp to);

}  // namespace wildnout::audit
