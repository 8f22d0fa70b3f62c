// The channels of a socket: joining them, holding their messages back, and leaving.
#include <utility>

#include "platform/ws/connection.hpp"

namespace wildnout::ws {

bool Connection::listens_to(const std::string& channel) const {
  for (const Subscription& subscription : subscriptions_) {
    if (subscription.channel->name == channel) return true;
  }
  return false;
}

Listener* Connection::listener(const std::string& channel) {
  for (const Subscription& subscription : subscriptions_) {
    if (subscription.channel->name == channel) {
      return &subscription.channel->listeners[subscription.slot];
    }
  }
  return nullptr;
}

void Connection::hold(const std::string& channel) {
  if (!listens_to(channel)) subscriptions_.push_back(part_.join(channel, *this));
  listener(channel)->hold = std::make_unique<Hold>();
}

void Connection::release(const std::string& channel, const Enrolled& enrolled, bool was_listening,
                         const std::string& subscribed) {
  Listener* const place = listener(channel);
  if (place == nullptr) return;  // closed meanwhile
  const auto held = std::move(place->hold);
  // A reader that listened before and goes on from where it is gets what came until here first.
  if (was_listening && !enrolled.is_recovered) {
    for (const MessagePointer& message : held->messages) {
      if (message->seq <= enrolled.seq) settle(deliver(message, 0));
    }
  }
  if (!subscribed.empty()) answer(subscribed);
  for (const Missed& missed : enrolled.missed) settle(deliver(missed.message, missed.skipped));
  for (const MessagePointer& message : held->messages) {
    if (message->seq > enrolled.seq) settle(deliver(message, 0));
  }
}

void Connection::give_up(const std::string& channel, bool was_listening) {
  if (!was_listening) return leave(channel);
  Listener* const place = listener(channel);
  if (place == nullptr) return;
  const auto held = std::move(place->hold);
  for (const MessagePointer& message : held->messages) settle(deliver(message, 0));
}

void Connection::leave(const std::string& channel) {
  for (Subscription& subscription : subscriptions_) {
    if (subscription.channel->name != channel) continue;
    const Subscription left = std::exchange(subscription, subscriptions_.back());
    subscriptions_.pop_back();
    part_.leave(left);
    return;
  }
}

void Connection::move_subscription(const LocalChannel& channel, std::uint32_t slot) {
  for (Subscription& subscription : subscriptions_) {
    if (subscription.channel == &channel) subscription.slot = slot;
  }
}

}  // namespace wildnout::ws
