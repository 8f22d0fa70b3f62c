// Entity tags of profiles.
#pragma once

#include <string>
#include <string_view>

#include "identity/model.hpp"
#include "identity/people_repository.hpp"

namespace wildnout::identity {

// Of what its owner can change. "<this>-<of the whole answer>" is the tag of one's own profile: a
// new follower makes another answer, and takes nothing from who is about to change their bio.
[[nodiscard]] std::string editable_tag(const EditableProfile& profile);
[[nodiscard]] std::string own_tag(const OwnProfile& profile);
[[nodiscard]] std::string shown_tag(const Profile& profile);

// Whether If-Match, as it was sent, names a tag with that editable part. Absent and `*` do.
[[nodiscard]] bool matches_editable(std::string_view if_match, const std::string& editable);

}  // namespace wildnout::identity
