// Hashing profiles.
#include "identity/profile_tags.hpp"

#include "platform/crypto/digest.hpp"
#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

constexpr std::size_t tag_bytes = 12;  // of a hash: two profiles in 2^48 share a tag

std::string tag_of(std::string_view text) {
  const crypto::Sha256 hash = crypto::sha256(text);
  return crypto::hex(crypto::ByteView{hash}.first(tag_bytes));
}

}  // namespace

std::string editable_tag(const EditableProfile& profile) { return tag_of(json::text_of(profile)); }

std::string own_tag(const OwnProfile& profile) {
  const EditableProfile editable{profile.username, profile.display_name, profile.avatar_url,
                                 profile.bio,      profile.location,     profile.links};
  return editable_tag(editable) + '-' + tag_of(json::text_of(profile));
}

std::string shown_tag(const Profile& profile) { return "shown-" + tag_of(json::text_of(profile)); }

bool matches_editable(std::string_view if_match, const std::string& editable) {
  if (if_match.empty() || if_match == "*") return true;
  const std::size_t at = if_match.find('"' + editable + '-');
  if (at == std::string_view::npos) return false;
  return at == 0 || if_match[at - 1] != '/';  // a weak tag matches nothing (RFC 9110, 13.1.1)
}

}  // namespace wildnout::identity
