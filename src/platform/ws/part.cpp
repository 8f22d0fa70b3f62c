// Passing messages on, sweeping, ending.
#include "platform/ws/part.hpp"

#include <boost/asio/error.hpp>
#include <string_view>

#include "platform/ws/connection.hpp"
#include "platform/ws/opening.hpp"

namespace wildnout::ws {
namespace {

constexpr std::chrono::seconds homes_swept_every{5};
constexpr std::size_t prefetch_ahead = 4;      // listeners
constexpr std::uint64_t reconnect_steps = 16;  // different delays that one shard hands out

}  // namespace

Part::Part(State& state, unsigned index, Executor executor)
    : home{state.limits(), state.listened}, state_{state}, index_{index}, executor_{executor} {}

Part::~Part() = default;

void Part::begin() {
  sweep_timer_ = std::make_unique<Timer>(executor_);
  sweep_later();
}

void Part::end() {
  has_ended_ = true;
  sweep_timer_.reset();
  cut_off();
}

void Part::accept(http::Upgrade upgrade) {
  if (!has_ended_) open_connection(*this, std::move(upgrade));
}

void Part::add(std::shared_ptr<Connection> connection) {
  connection->set_place(connections_.size());
  connections_.push_back(std::move(connection));
}

void Part::remove(Connection& connection) {
  const std::size_t place = connection.place();
  std::swap(connections_[place], connections_.back());
  connections_[place]->set_place(place);
  connections_.pop_back();
}

void Part::publish(const Publication& publication) { pass_on(home.publish(publication, now())); }

void Part::relay(const Publication& publication, std::uint64_t except) {
  pass_on(home.relay(publication, except));
}

void Part::pass_on(const Home::Outgoing& outgoing) {
  if (!outgoing.message) return;
  for (unsigned index = 0; index < state_.size(); ++index) {
    if (!outgoing.shards.test(index)) continue;
    state_.post(index, [message = outgoing.message](Part& there) { there.deliver(message); });
  }
}

void Part::deliver(const MessagePointer& message) {
  LocalChannel* const channel = roster.find(message->channel);
  if (channel == nullptr) return;
  // A socket that has to go does so after the loop: going changes the list.
  std::vector<std::pair<Connection*, Connection::Delivered>> failed;
  std::vector<Listener>& listeners = channel->listeners;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    // Sockets lie all over the memory: without this each costs a wait for it.
    if (i + prefetch_ahead < listeners.size()) {
      __builtin_prefetch(listeners[i + prefetch_ahead].connection);
    }
    Listener& listener = listeners[i];
    if (listener.hold) {
      if (message->seq == 0) continue;
      listener.hold->messages.push_back(message);
      listener.hold->bytes += message->plain.size();
      if (listener.hold->bytes > limits().queue_bytes) {
        failed.emplace_back(listener.connection, Connection::Delivered::too_slow);
      }
      continue;
    }
    const auto outcome = listener.connection->deliver(message, 0);
    if (outcome != Connection::Delivered::sent) failed.emplace_back(listener.connection, outcome);
  }
  state_.delivered.fetch_add(listeners.size(), std::memory_order_relaxed);
  for (const auto& [connection, outcome] : failed) connection->settle(outcome);
}

Subscription Part::join(const std::string& channel, Connection& connection) {
  return roster.join(channel, connection);
}

void Part::leave(const Subscription& subscription) {
  const std::string name = subscription.channel->name;
  // Once ended, the other shards may be gone.
  if (!roster.leave(subscription) || has_ended_) return;
  state_.post(state_.home_of(name),
              [name, shard = index_](Part& there) { there.home.leave(name, shard, there.now()); });
}

void Part::close_session(const Ending& ending) {
  for (Endings* const endings : admissions_) endings->push_back(ending);
  const std::string name = std::string{user_channel_prefix} + ending.user_id.text();
  std::vector<Connection*> going;
  if (LocalChannel* const channel = roster.find(name)) {
    for (const Listener& listener : channel->listeners) {
      if (ending.concerns(listener.connection->holder())) going.push_back(listener.connection);
    }
  }
  for (Connection* const connection : going) connection->close_for_ended_credentials();
}

void Part::drain(std::uint64_t seq) {
  const auto soonest = limits().reconnect_soonest;
  const auto spread = limits().reconnect_latest - soonest;
  std::array<std::string, reconnect_steps> texts;
  for (std::uint64_t step = 0; step < reconnect_steps; ++step) {
    const auto after = soonest + spread * step / (reconnect_steps - 1);
    texts[step] = message_text("shutdown", system_channel, seq,
                               "{\"reconnectAfterMs\":" + std::to_string(after.count()) + "}");
  }
  // A copy: a socket that fails at once leaves the list. A socket that is not open yet (its
  // credentials are being looked at) will find that the hub is draining.
  const auto connections = connections_;
  for (const auto& connection : connections) {
    if (!connection->is_open()) continue;
    connection->answer(texts[connection->number() % reconnect_steps]);
    connection->close(CloseCode::restart, "Restarting");
  }
}

void Part::cut_off() {
  const auto connections = connections_;  // a copy: each leaves the list
  for (const auto& connection : connections) connection->destroy();
}

Present Part::present(const std::string& channel) {
  Present present;
  LocalChannel* const local = roster.find(channel);
  if (local == nullptr) return present;
  for (const Listener& listener : local->listeners) {
    const Holder& holder = listener.connection->holder();
    const auto [found, is_new] = present.try_emplace(holder.user_id);
    if (is_new && present.size() <= max_named) found->second = holder.display_name;
  }
  return present;
}

std::unique_ptr<FrameReader> Part::borrow_reader() {
  if (spare_reader_) return std::move(spare_reader_);
  return std::make_unique<FrameReader>(limits().message_bytes);
}

void Part::give_back(std::unique_ptr<FrameReader> reader) { spare_reader_ = std::move(reader); }

void Part::sweep_later() {
  sweep_timer_->expires_after(limits().sweep_every);
  sweep_timer_->async_wait(
      [state = state_.shared_from_this(), this](boost::system::error_code error) {
        if (error || has_ended_) return;
        sweep();
        sweep_later();
      });
}

void Part::sweep() {
  const auto at = now();
  const Timestamp today = system_now();
  // Backwards: a socket that goes is replaced by the last one, which has been looked at.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i >= connections_.size()) continue;
    const auto connection = connections_[i];
    connection->tick(at, today);
  }
  if (at - homes_swept_at_ < homes_swept_every) return;
  homes_swept_at_ = at;
  home.sweep(at);
  std::erase_if(presence,
                [&](const auto& entry) { return at - entry.second.at > limits().presence_age; });
}

}  // namespace wildnout::ws
