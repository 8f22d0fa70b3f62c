// The statements on follows, blocks and mutes.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "identity/people_model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// Holds the rows of both, in the order of their ids as everywhere, so that what is done between two
// people is done one after the other. How many of the two there are and not deleted.
[[nodiscard]] Task<std::int64_t> lock_both(db::Session& db, UserId one, UserId other);

// Whether `user` may follow `other`: neither blocks the other, and the profile is not private.
[[nodiscard]] Task<bool> may_follow(db::Session& db, UserId user, UserId other);

// Each is false when it was so before. The rows of both are held; counts are kept.
[[nodiscard]] Task<bool> insert_follow(db::Session& db, UserId follower, UserId followed);
[[nodiscard]] Task<bool> delete_follow(db::Session& db, UserId follower, UserId followed);

[[nodiscard]] Task<> insert_block(db::Session& db, UserId blocker, UserId blocked);
[[nodiscard]] Task<> delete_block(db::Session& db, UserId blocker, UserId blocked);
[[nodiscard]] Task<> insert_mute(db::Session& db, UserId muter, UserId muted);
[[nodiscard]] Task<> delete_mute(db::Session& db, UserId muter, UserId muted);

struct FollowRow : Person {
  Timestamp followed_at;
};
BOOST_DESCRIBE_STRUCT(FollowRow, (Person), (followed_at))

struct FollowAt {
  Timestamp followed_at;
  UserId id;
};
BOOST_DESCRIBE_STRUCT(FollowAt, (), (followed_at, id))

// The newest first.
[[nodiscard]] Task<std::vector<FollowRow>> find_followers(db::Session& db, UserId user,
                                                          std::optional<FollowAt> after,
                                                          std::int32_t limit);
[[nodiscard]] Task<std::vector<FollowRow>> find_following(db::Session& db, UserId user,
                                                          std::optional<FollowAt> after,
                                                          std::int32_t limit);

}  // namespace wildnout::identity
