// The statements on profiles, preferences and the search for people.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "identity/people_model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::identity {

// Who looks: nobody, somebody, or staff, who see every profile.
struct Viewer {
  std::optional<UserId> id;
  bool is_staff = false;
};

// Is there such a profile, and may the viewer know? Blocks and privacy are decided here.
[[nodiscard]] Task<bool> may_see_profile(db::Session& db, UserId user, Viewer viewer);

struct EditableProfile {
  std::optional<std::string> username;
  std::string display_name;
  std::optional<std::string> avatar_url;
  std::optional<std::string> bio;
  std::optional<std::string> location;
  std::vector<std::string> links;
};
BOOST_DESCRIBE_STRUCT(EditableProfile, (),
                      (username, display_name, avatar_url, bio, location, links))

// Holds the row to the end of the transaction. Nothing for a user who was deleted.
[[nodiscard]] Task<std::optional<EditableProfile>> lock_profile(db::Session& db, UserId user);
// From now on the profile is the user's own: Clerk changes it no more. Throws db::Error (a unique
// violation) when somebody has the username or one that looks like it.
[[nodiscard]] Task<> update_profile(db::Session& db, UserId user, EditableProfile profile,
                                    std::optional<std::string> username_key);

// As JSON, "{}" when nothing was ever wished.
[[nodiscard]] Task<std::optional<std::string>> find_preferences(db::Session& db, UserId user);
[[nodiscard]] Task<std::optional<std::string>> lock_preferences(db::Session& db, UserId user);
[[nodiscard]] Task<> update_preferences(db::Session& db, UserId user, std::string json,
                                        Visibility visibility);

struct FoundPerson : Person {
  double rank;  // how well the name fits, 0 to 1
};
BOOST_DESCRIBE_STRUCT(FoundPerson, (Person), (rank))

struct RankAt {
  double rank;
  UserId id;
};
BOOST_DESCRIBE_STRUCT(RankAt, (), (rank, id))

// Whose name has the text in it, or words much like it; the best first.
[[nodiscard]] Task<std::vector<FoundPerson>> search_people(db::Session& db, std::string text,
                                                           Viewer viewer,
                                                           std::optional<RankAt> after,
                                                           std::int32_t limit);

}  // namespace wildnout::identity
