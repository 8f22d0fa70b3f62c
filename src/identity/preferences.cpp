// Laying wishes over what is kept, member by member.
#include "identity/preferences.hpp"

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <type_traits>

#include "platform/json/json.hpp"

namespace wildnout::identity {
namespace {

template <class T>
void put(Omittable<T>& kept, const Omittable<T>& wished) {
  if (!wished) return;
  if constexpr (boost::describe::has_describe_members<T>::value) {
    if (!kept) kept.emplace();
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) { put((*kept).*member.pointer, (*wished).*member.pointer); });
  } else {
    kept = wished;
  }
}

Channels channels(bool email, bool push) {
  Channels made;
  made.in_app = true;
  made.email = email;
  made.push = push;
  return made;
}

}  // namespace

Preferences default_preferences() {
  NotificationWishes notifications;
  notifications.battles = channels(false, true);
  notifications.follows = channels(false, true);
  notifications.comments = channels(false, true);
  notifications.reactions = channels(false, false);
  notifications.messages = channels(false, true);
  notifications.achievements = channels(false, true);
  notifications.moderation = channels(true, true);
  PrivacyWishes privacy;
  privacy.profile_visibility = Visibility::public_;
  privacy.who_may_message = Messengers::everyone;
  privacy.show_wallet = false;
  Preferences made;
  made.notifications = notifications;
  made.privacy = privacy;
  made.language = Text<2, 35>::of("en");
  made.content_warnings = true;
  return made;
}

Preferences preferences_of(const std::string& json) {
  return put_over(default_preferences(), json::read<Preferences>(std::string_view{json}));
}

Preferences put_over(Preferences kept, const Preferences& wished) {
  put(kept.notifications, wished.notifications);
  put(kept.privacy, wished.privacy);
  put(kept.language, wished.language);
  put(kept.content_warnings, wished.content_warnings);
  return kept;
}

}  // namespace wildnout::identity
