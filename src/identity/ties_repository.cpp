// The SQL of follows, blocks and mutes.
#include "identity/ties_repository.hpp"

#include <array>

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

const db::Query<UserId(std::vector<UserId>)> locked_pair{"locked_pair", R"sql(
  SELECT id FROM users WHERE id = ANY ($1) AND deleted_at IS NULL
   ORDER BY id FOR NO KEY UPDATE)sql"};

const db::Query<bool(UserId, UserId)> followable{"followable", R"sql(
  SELECT true FROM users
   WHERE id = $2 AND profile_visibility <> 'private'
     AND NOT EXISTS (SELECT 1 FROM blocks
                      WHERE (blocker_id = $1 AND blocked_id = $2)
                         OR (blocker_id = $2 AND blocked_id = $1)))sql"};

const db::Query<void(UserId, UserId)> new_follow{"new_follow", R"sql(
  INSERT INTO follows (follower_id, followed_id) VALUES ($1, $2) ON CONFLICT DO NOTHING)sql"};
const db::Query<void(UserId, UserId)> gone_follow{
    "gone_follow", "DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2"};

const db::Query<void(UserId, UserId, std::int64_t)> counted_follow{"counted_follow", R"sql(
  UPDATE users
     SET following_count = following_count + CASE WHEN id = $1 THEN $3 ELSE 0 END,
         follower_count = follower_count + CASE WHEN id = $2 THEN $3 ELSE 0 END
   WHERE id IN ($1, $2))sql"};

const db::Query<void(UserId, UserId)> new_block{"new_block", R"sql(
  INSERT INTO blocks (blocker_id, blocked_id) VALUES ($1, $2) ON CONFLICT DO NOTHING)sql"};
const db::Query<void(UserId, UserId)> gone_block{
    "gone_block", "DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2"};
const db::Query<void(UserId, UserId)> new_mute{"new_mute", R"sql(
  INSERT INTO mutes (muter_id, muted_id) VALUES ($1, $2) ON CONFLICT DO NOTHING)sql"};
const db::Query<void(UserId, UserId)> gone_mute{
    "gone_mute", "DELETE FROM mutes WHERE muter_id = $1 AND muted_id = $2"};

using Time = std::optional<Timestamp>;
using Id = std::optional<UserId>;

const db::Query<FollowRow(UserId, Time, Id, std::int32_t)> followers_of{"followers_of", R"sql(
  SELECT users.id, username, display_name, avatar_url, follows.created_at AS followed_at
    FROM follows JOIN users ON users.id = follower_id
   WHERE followed_id = $1
     AND ($2::timestamptz IS NULL OR (follows.created_at, follower_id) < ($2, $3))
   ORDER BY follows.created_at DESC, follower_id DESC LIMIT $4)sql",
                                                                        db::hot};

const db::Query<FollowRow(UserId, Time, Id, std::int32_t)> followed_by{"followed_by", R"sql(
  SELECT users.id, username, display_name, avatar_url, follows.created_at AS followed_at
    FROM follows JOIN users ON users.id = followed_id
   WHERE follower_id = $1
     AND ($2::timestamptz IS NULL OR (follows.created_at, followed_id) < ($2, $3))
   ORDER BY follows.created_at DESC, followed_id DESC LIMIT $4)sql",
                                                                       db::hot};

Task<std::vector<FollowRow>> find(db::Session& db,
                                  const db::Query<FollowRow(UserId, Time, Id, std::int32_t)>& query,
                                  UserId user, std::optional<FollowAt> after, std::int32_t limit) {
  Time time;
  Id id;
  if (after) {
    time = after->followed_at;
    id = after->id;
  }
  co_return co_await db::all(db, query, user, time, id, limit);
}

}  // namespace

Task<std::int64_t> lock_both(db::Session& db, UserId one, UserId other) {
  const auto there = co_await db::all(db, locked_pair, std::vector<UserId>{one, other});
  co_return static_cast<std::int64_t>(there.size());
}

Task<bool> may_follow(db::Session& db, UserId user, UserId other) {
  co_return (co_await db::maybe(db, followable, user, other)).value_or(false);
}

Task<bool> insert_follow(db::Session& db, UserId follower, UserId followed) {
  if (co_await db::run(db, new_follow, follower, followed) == 0) co_return false;
  co_await db::run(db, counted_follow, follower, followed, 1);
  co_return true;
}

Task<bool> delete_follow(db::Session& db, UserId follower, UserId followed) {
  if (co_await db::run(db, gone_follow, follower, followed) == 0) co_return false;
  co_await db::run(db, counted_follow, follower, followed, -1);
  co_return true;
}

Task<> insert_block(db::Session& db, UserId blocker, UserId blocked) {
  co_await db::run(db, new_block, blocker, blocked);
}

Task<> delete_block(db::Session& db, UserId blocker, UserId blocked) {
  co_await db::run(db, gone_block, blocker, blocked);
}

Task<> insert_mute(db::Session& db, UserId muter, UserId muted) {
  co_await db::run(db, new_mute, muter, muted);
}

Task<> delete_mute(db::Session& db, UserId muter, UserId muted) {
  co_await db::run(db, gone_mute, muter, muted);
}

Task<std::vector<FollowRow>> find_followers(db::Session& db, UserId user,
                                            std::optional<FollowAt> after, std::int32_t limit) {
  return find(db, followers_of, user, std::move(after), limit);
}

Task<std::vector<FollowRow>> find_following(db::Session& db, UserId user,
                                            std::optional<FollowAt> after, std::int32_t limit) {
  return find(db, followed_by, user, std::move(after), limit);
}

}  // namespace wildnout::identity
