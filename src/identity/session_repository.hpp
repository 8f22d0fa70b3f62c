// The statements on sessions.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/session.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

enum class EndCause : std::uint8_t { logout, revoked, clerk };
BOOST_DESCRIBE_ENUM(EndCause, logout, revoked, clerk)

// A session that somebody came with. Empty texts: not known this time.
struct SeenSession {
  std::string id;
  UserId user;
  Timestamp seen_at;
  Timestamp tokens_until;
  std::string ip_address;
  std::string user_agent;
};

// With its origin opened.
struct SessionRow {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;
  std::optional<std::string> ip_address;
  std::optional<std::string> user_agent;
};

struct SessionAt {
  Timestamp created_at;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(SessionAt, (), (created_at, id))

struct EndedSession {
  std::optional<UserId> user_id;
  Timestamp tokens_until;
};
BOOST_DESCRIBE_STRUCT(EndedSession, (), (user_id, tokens_until))

// Each id once, in order. What has ended stays as it is.
[[nodiscard]] Task<> upsert_sessions(db::Session& db, const crypto::Vault& vault,
                                     std::span<const SeenSession> seen);

// Those that have not ended, the newest first.
[[nodiscard]] Task<std::vector<SessionRow>> find_sessions(db::Session& db,
                                                          const crypto::Vault& vault, UserId user,
                                                          std::optional<SessionAt> after,
                                                          std::int32_t limit);

// Ends it, also when it was never seen; one that has ended keeps its time and cause.
[[nodiscard]] Task<EndedSession> end_session(db::Session& db, std::string id,
                                             std::optional<UserId> user, EndCause cause,
                                             Timestamp tokens_until);
// Gives until when its tokens live; nothing when the user has no such session.
[[nodiscard]] Task<std::optional<Timestamp>> end_own_session(db::Session& db, UserId user,
                                                             std::string id);

// Sessions that nobody came with for 90 days; at most 10,000 at a time.
[[nodiscard]] Task<std::int64_t> forget_old_sessions(db::Session& db);

}  // namespace wildnout::identity
