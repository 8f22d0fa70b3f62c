// The statements on changes of standing: the deny-list and what else every node must know.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/standing.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

struct StandingRow {
  std::int64_t sequence;
  ChangeKind kind;
  std::optional<UserId> user_id;
  std::optional<std::string> session_id;
  Timestamp keep_until;
};
BOOST_DESCRIBE_STRUCT(StandingRow, (), (sequence, kind, user_id, session_id, keep_until))

struct FoundChanges {
  std::int64_t border;  // transactions before this one had ended when the rows were read
  std::vector<StandingRow> rows;
};

// In the transaction of what changes. Gives the change as it is told to the shards: a change of a
// user is kept for minutes, since it stands in the user's row; an ended session for as long as
// `tokens_until` and an hour says.
[[nodiscard]] Task<StandingChange> insert_change(db::Session& db, ChangeKind kind,
                                                 std::optional<UserId> user,
                                                 std::optional<std::string> session_id,
                                                 Timestamp tokens_until);

// Those of transactions from `border` on; those that still stop something.
[[nodiscard]] Task<FoundChanges> find_changes(db::Session& db, std::int64_t border);
[[nodiscard]] Task<FoundChanges> find_live_changes(db::Session& db);

// On a statement of its own, never in a transaction of users: NOTIFY holds a lock that all commits
// with one share.
[[nodiscard]] Task<> notify_standing(db::Session& db, std::string channel);

// Changes that stop nothing any more; at most 10,000 at a time.
[[nodiscard]] Task<std::int64_t> forget_old_changes(db::Session& db);

}  // namespace wildnout::identity
