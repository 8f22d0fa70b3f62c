// The SQL of sessions.
#include "identity/session_repository.hpp"

#include <algorithm>

#include "identity/protected.hpp"
#include "platform/db/query.hpp"
#include "platform/json/json.hpp"
#include "platform/protection/reading.hpp"

namespace wildnout::identity {

struct SealedSession {
  std::string id;
  Timestamp created_at;
  Timestamp last_active_at;
  std::optional<ProtectedOrigin> origin;
};
BOOST_DESCRIBE_STRUCT(SealedSession, (), (id, created_at, last_active_at, origin))

namespace {

using Texts = std::vector<std::string>;
using Times = std::vector<Timestamp>;
using Origins = std::vector<std::optional<ProtectedOrigin>>;

const db::Query<void(Texts, std::vector<UserId>, Times, Times, Origins)> seen_sessions{
    "seen_sessions", R"sql(
  INSERT INTO sessions (id, user_id, created_at, last_active_at, tokens_until, origin)
  SELECT id, user_id, seen_at, seen_at, tokens_until, origin
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::bytea[])
           AS seen (id, user_id, seen_at, tokens_until, origin)
   WHERE NOT EXISTS (SELECT 1 FROM users
                      WHERE users.id = seen.user_id AND users.deleted_at IS NOT NULL)
  ON CONFLICT (id) DO UPDATE
     SET last_active_at = greatest(sessions.last_active_at, excluded.last_active_at),
         tokens_until = greatest(sessions.tokens_until, excluded.tokens_until),
         origin = coalesce(excluded.origin, sessions.origin)
   WHERE sessions.ended_at IS NULL AND sessions.user_id = excluded.user_id)sql"};

const db::Query<SealedSession(UserId, std::optional<Timestamp>, std::optional<std::string>,
                              std::int32_t)>
    sessions_of_user{"sessions_of_user", R"sql(
  SELECT id, created_at, last_active_at, origin
    FROM sessions
   WHERE user_id = $1 AND ended_at IS NULL
     AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3))
   ORDER BY created_at DESC, id DESC LIMIT $4)sql",
                     db::hot};

const db::Query<EndedSession(std::string, std::optional<UserId>, EndCause, Timestamp)>
    ended_session{"ended_session", R"sql(
  INSERT INTO sessions (id, user_id, ended_at, end_cause, tokens_until)
  VALUES ($1, $2, now_ms(), $3, $4)
  ON CONFLICT (id) DO UPDATE
     SET ended_at = coalesce(sessions.ended_at, excluded.ended_at),
         end_cause = coalesce(sessions.end_cause, excluded.end_cause),
         tokens_until = greatest(sessions.tokens_until, excluded.tokens_until)
  RETURNING user_id, tokens_until)sql"};

const db::Query<Timestamp(UserId, std::string)> ended_own_session{"ended_own_session", R"sql(
  UPDATE sessions SET ended_at = coalesce(ended_at, now_ms()),
                      end_cause = coalesce(end_cause, 'revoked')
   WHERE id = $2 AND user_id = $1
  RETURNING tokens_until)sql"};

const db::Query<void()> forget_sessions{"forget_sessions", R"sql(
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions
     WHERE last_active_at < now() - interval '90 days'
       AND tokens_until < now() - interval '1 day'
     ORDER BY last_active_at LIMIT 10000))sql"};

// Header fields may hold any bytes; a text of JSON may not.
std::optional<std::string> known(std::string text) {
  if (text.empty()) return std::nullopt;
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::optional<ProtectedOrigin> origin_of(const SeenSession& session, const crypto::Vault& vault) {
  const Origin origin{known(session.ip_address), known(session.user_agent)};
  if (!origin.ip_address && !origin.user_agent) return std::nullopt;
  return ProtectedOrigin::seal(vault, json::text_of(origin), session.id);
}

SessionRow opened(SealedSession sealed, const crypto::Vault& vault) {
  Origin origin;
  const auto clear = protection::reveal(vault, sealed.origin, sealed.id);
  if (clear) origin = json::read<Origin>(*clear);
  return {std::move(sealed.id), sealed.created_at, sealed.last_active_at,
          std::move(origin.ip_address), std::move(origin.user_agent)};
}

}  // namespace

Task<> upsert_sessions(db::Session& db, const crypto::Vault& vault,
                       std::span<const SeenSession> seen) {
  Texts ids;
  std::vector<UserId> users;
  Times seen_at;
  Times tokens_until;
  Origins origins;
  for (const SeenSession& session : seen) {
    ids.push_back(session.id);
    users.push_back(session.user);
    seen_at.push_back(session.seen_at);
    tokens_until.push_back(session.tokens_until);
    origins.push_back(origin_of(session, vault));
  }
  co_await db::run(db, seen_sessions, ids, users, seen_at, tokens_until, origins);
}

Task<std::vector<SessionRow>> find_sessions(db::Session& db, const crypto::Vault& vault,
                                            UserId user, std::optional<SessionAt> after,
                                            std::int32_t limit) {
  std::optional<Timestamp> time;
  std::optional<std::string> id;
  if (after) {
    time = after->created_at;
    id = after->id;
  }
  std::vector<SessionRow> rows;
  for (SealedSession& sealed : co_await db::all(db, sessions_of_user, user, time, id, limit)) {
    rows.push_back(opened(std::move(sealed), vault));
  }
  co_return rows;
}

Task<EndedSession> end_session(db::Session& db, std::string id, std::optional<UserId> user,
                               EndCause cause, Timestamp tokens_until) {
  co_return co_await db::one(db, ended_session, id, user, cause, tokens_until);
}

Task<std::optional<Timestamp>> end_own_session(db::Session& db, UserId user, std::string id) {
  co_return co_await db::maybe(db, ended_own_session, user, id);
}

Task<std::int64_t> forget_old_sessions(db::Session& db) { return db::run(db, forget_sessions); }

}  // namespace wildnout::identity
