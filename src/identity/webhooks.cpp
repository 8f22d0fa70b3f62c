// Taking Clerk's facts over into users and sessions.
#include "identity/webhooks.hpp"

#include <algorithm>

#include "identity/clerk_repository.hpp"
#include "identity/repository.hpp"
#include "identity/usernames.hpp"
#include "platform/bus/outbox.hpp"
#include "platform/json/json.hpp"
#include "platform/log/log.hpp"

namespace wildnout::identity {

// What the audit trail keeps of a delivery that changed something.
struct WebhookApplied {
  std::string type;
};
BOOST_DESCRIBE_STRUCT(WebhookApplied, (), (type))

namespace {

bool is_signed(const crypto::SignedMessage& message,
               const std::vector<crypto::WebhookSecret>& secrets) {
  bool is_accepted = false;
  for (const crypto::WebhookSecret& secret : secrets) is_accepted |= secret.accepts(message);
  return is_accepted;
}

// Clerk's username where it may be had here.
std::optional<std::string> username_of(const ClerkUser& user) {
  if (!user.username) return std::nullopt;
  std::string username = *user.username;
  if (!username_fault(username).empty()) return std::nullopt;
  return username;
}

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::repeated:
      return "repeated";
    case Outcome::stale:
      return "stale";
    case Outcome::gone:
      return "gone";
    case Outcome::ignored:
      return "ignored";
  }
  return "";
}

}  // namespace

ClerkEvent Webhooks::checked(const crypto::SignedMessage& message) const {
  const Timestamp now = system_now();
  // The signature is computed in any case, so that the time taken tells nothing.
  const bool is_good = is_signed(message, settings_.webhook_secrets) && is_timely(message, now);
  auto event = is_good ? parse_clerk_event(message.body, now) : std::nullopt;
  const std::string& instance = settings_.clerk_instance_id;
  if (event && !instance.empty() && event->instance_id != instance) event.reset();
  if (!event) log::warn("webhook refused", {{"isSigned", is_good}});
  api::require(event.has_value(), invalid_webhook);
  return std::move(*event);
}

Task<Outcome> Webhooks::receive(crypto::SignedMessage message, audit::Author author) {
  const ClerkEvent event = checked(message);
  const std::string id{message.id};
  const Outcome outcome = co_await database_.transact([&](db::Session& db) -> Task<Outcome> {
    if (!co_await insert_message(db, id, event.type)) co_return Outcome::repeated;
    const Outcome taken = co_await take(db, event);
    co_await set_outcome(db, id, std::string{word_of(taken)});
    if (taken == Outcome::done) {
      co_await trail_.record(db, author,
                             {.action = "webhook.applied",
                              .subject_type = "webhook",
                              .subject_id = id,
                              .metadata = json::text_of(WebhookApplied{event.type})});
    }
    co_return taken;
  });
  log::info("webhook", {{"id", id}, {"type", event.type}, {"outcome", word_of(outcome)}});
  co_return outcome;
}

Task<Outcome> Webhooks::take(db::Session& db, ClerkEvent event) {
  if (const auto* user = std::get_if<ClerkUser>(&event.fact)) {
    co_return co_await take_user(db, *user);
  }
  if (const auto* deleted = std::get_if<ClerkUserDeleted>(&event.fact)) {
    co_return co_await take_deletion(db, deleted->id);
  }
  if (const auto* begun = std::get_if<ClerkSessionBegun>(&event.fact)) {
    co_return co_await take_session(db, *begun);
  }
  if (const auto* ended = std::get_if<ClerkSessionEnded>(&event.fact)) {
    co_return co_await take_session_end(db, *ended);
  }
  co_return Outcome::ignored;
}

Task<Outcome> Webhooks::take_user(db::Session& db, ClerkUser user) {
  std::optional<ClerkState> known = co_await lock_clerk_user(db, user.id);
  if (!known) {
    if (co_await insert(db, user)) co_return Outcome::done;
    known = co_await lock_clerk_user(db, user.id);  // a first request made it meanwhile
    if (!known) throw std::runtime_error{"a user vanished while it was made"};
  }
  if (known->is_deleted) co_return Outcome::gone;
  if (known->clerk_updated_at && user.updated_at <= *known->clerk_updated_at) {
    co_return Outcome::stale;
  }
  co_await write(db, known->id, user);
  co_await bus::publish(db, known->id.value, UserUpdated{known->id});
  const bool is_barred = user.is_banned || user.locked_until;
  if (is_barred || known->is_barred) {
    co_await book_.change_user(db, is_barred ? ChangeKind::user_barred : ChangeKind::user_changed,
                               known->id);
  }
  co_return Outcome::done;
}

Task<bool> Webhooks::insert(db::Session& db, const ClerkUser& user) {
  const auto id = co_await service_.insert_first_seen(db, user.id, user.display_name);
  if (!id) co_return false;
  co_await write(db, *id, user);
  co_return true;
}

Task<> Webhooks::write(db::Session& db, UserId id, const ClerkUser& user) {
  co_await update_clerk_user(db, settings_.vault, id, user);
  const std::optional<std::string> username = username_of(user);
  if (username) {
    co_await take_free_username(db, id, *username, username_key(*username));
  } else {
    co_await clear_username(db, id);
  }
}

Task<Outcome> Webhooks::take_deletion(db::Session& db, std::string clerk_id) {
  std::optional<ClerkState> known = co_await lock_clerk_user(db, clerk_id);
  if (!known) {
    // Nobody has seen the user here. The row is the mark that keeps a late event, or a token that
    // is still good, from making one.
    if (co_await insert_deleted(db, UserId::make(), clerk_id)) co_return Outcome::done;
    known = co_await lock_clerk_user(db, clerk_id);
    if (!known) throw std::runtime_error{"a user vanished while it was made"};
  }
  if (known->is_deleted) co_return Outcome::gone;
  co_await erasures_.erase(db, known->id);
  co_return Outcome::done;
}

Task<Outcome> Webhooks::take_session(db::Session& db, ClerkSessionBegun session) {
  const std::optional<ClerkState> known = co_await lock_clerk_user(db, session.user_id);
  if (!known || known->is_deleted) co_return Outcome::ignored;
  const Timestamp now = system_now();
  const SeenSession seen{session.id, known->id, now, now, session.ip_address, session.user_agent};
  co_await upsert_sessions(db, settings_.vault, {&seen, 1});
  co_return Outcome::done;
}

Task<Outcome> Webhooks::take_session_end(db::Session& db, ClerkSessionEnded session) {
  const std::optional<ClerkState> known = co_await lock_clerk_user(db, session.user_id);
  const std::optional<UserId> user = known ? std::optional{known->id} : std::nullopt;
  co_await book_.end(db, user, session.id, EndCause::clerk, system_now());
  co_return Outcome::done;
}

}  // namespace wildnout::identity
