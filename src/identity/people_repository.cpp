// The SQL of profiles, preferences and the search for people.
#include "identity/people_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::identity {
namespace {

using Id = std::optional<UserId>;

const db::Query<bool(UserId, Id, bool)> visible_profile{"visible_profile", R"sql(
  SELECT true FROM users
   WHERE id = $1 AND deleted_at IS NULL
     AND (id = $2 OR $3
          OR (NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = users.id AND blocked_id = $2)
              AND (profile_visibility = 'public'
                   OR (profile_visibility = 'followers'
                       AND EXISTS (SELECT 1 FROM follows
                                    WHERE follower_id = $2 AND followed_id = users.id)))))
)sql",
                                                        db::hot};

const db::Query<EditableProfile(UserId)> locked_profile{"locked_profile", R"sql(
  SELECT username, display_name, avatar_url, bio, location, links
    FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE)sql"};

const db::Query<void(UserId, std::optional<std::string>, std::optional<std::string>, std::string,
                     std::optional<std::string>, std::optional<std::string>,
                     std::optional<std::string>, std::vector<std::string>)>
    changed_profile{"changed_profile", R"sql(
  UPDATE users
     SET username = $2, username_key = $3, display_name = $4, avatar_url = $5, bio = $6,
         location = $7, links = $8, is_profile_own = true, updated_at = now_ms()
   WHERE id = $1)sql"};

const db::Query<std::string(UserId)> kept_preferences{
    "kept_preferences", "SELECT preferences FROM users WHERE id = $1 AND deleted_at IS NULL"};

const db::Query<std::string(UserId)> locked_preferences{"locked_preferences", R"sql(
  SELECT preferences FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE)sql"};

const db::Query<void(UserId, std::string, Visibility)> changed_preferences{"changed_preferences",
                                                                           R"sql(
  UPDATE users SET preferences = $2, profile_visibility = $3 WHERE id = $1)sql"};

// The rank is text's word similarity to the name; who has the very text in it comes first.
const db::Query<FoundPerson(std::string, std::string, Id, bool, std::optional<double>, Id,
                            std::int32_t)>
    people_by_name{"people_by_name", R"sql(
  SELECT id, username, display_name, avatar_url, rank
    FROM (SELECT id, username, display_name, avatar_url,
                 CASE WHEN search_name LIKE lower($2) THEN 1
                      ELSE word_similarity(lower($1), search_name) END::double precision AS rank
            FROM users
           WHERE (search_name LIKE lower($2) OR search_name %> lower($1))
             AND deleted_at IS NULL
             AND (id = $3 OR $4
                  OR (NOT EXISTS (SELECT 1 FROM blocks
                                   WHERE blocker_id = users.id AND blocked_id = $3)
                      AND (profile_visibility = 'public'
                           OR (profile_visibility = 'followers'
                               AND EXISTS (SELECT 1 FROM follows
                                            WHERE follower_id = $3
                                              AND followed_id = users.id)))))) AS found
   WHERE $5::double precision IS NULL OR (rank, id) < ($5, $6)
   ORDER BY rank DESC, id DESC LIMIT $7)sql",
                   db::hot};

// A LIKE pattern for any text that has this one in it.
std::string pattern_of(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

}  // namespace

Task<bool> may_see_profile(db::Session& db, UserId user, Viewer viewer) {
  co_return (co_await db::maybe(db, visible_profile, user, viewer.id, viewer.is_staff))
      .value_or(false);
}

Task<std::optional<EditableProfile>> lock_profile(db::Session& db, UserId user) {
  return db::maybe(db, locked_profile, user);
}

Task<> update_profile(db::Session& db, UserId user, EditableProfile profile,
                      std::optional<std::string> username_key) {
  co_await db::run(db, changed_profile, user, profile.username, username_key, profile.display_name,
                   profile.avatar_url, profile.bio, profile.location, profile.links);
}

Task<std::optional<std::string>> find_preferences(db::Session& db, UserId user) {
  return db::maybe(db, kept_preferences, user);
}

Task<std::optional<std::string>> lock_preferences(db::Session& db, UserId user) {
  return db::maybe(db, locked_preferences, user);
}

Task<> update_preferences(db::Session& db, UserId user, std::string json, Visibility visibility) {
  co_await db::run(db, changed_preferences, user, json, visibility);
}

Task<std::vector<FoundPerson>> search_people(db::Session& db, std::string text, Viewer viewer,
                                             std::optional<RankAt> after, std::int32_t limit) {
  std::optional<double> rank;
  std::optional<UserId> id;
  if (after) {
    rank = after->rank;
    id = after->id;
  }
  const std::string pattern = pattern_of(text);
  co_return co_await db::all(db, people_by_name, text, pattern, viewer.id, viewer.is_staff, rank,
                             id, limit);
}

}  // namespace wildnout::identity
