// The hub's doors, from any thread to the right shard.
#include "platform/ws/hub.hpp"

#include <stdexcept>
#include <utility>

#include "platform/ws/part.hpp"
#include "platform/ws/state.hpp"

namespace wildnout::ws {
namespace {

constexpr std::chrono::milliseconds drain_poll{10};
constexpr std::chrono::milliseconds cut_off_time{1'000};  // for the shards to drop what is left

// Ends a part where its objects live: on the shard's thread, or when the shards have been stopped,
// as their event loops are taken down.
class PartEnd {
 public:
  // `state` is shared with the sockets and the work under way.
  PartEnd(std::shared_ptr<State> state, unsigned index) : state_{std::move(state)}, index_{index} {}
  PartEnd(PartEnd&&) = default;
  PartEnd& operator=(PartEnd&&) = delete;
  ~PartEnd() {
    if (state_) state_->part(index_).end();
  }
  void operator()() const {}

 private:
  std::shared_ptr<State> state_;  // shared as above
  unsigned index_;
};

}  // namespace

Task<bool> Gate::may_relay(const Holder& /*holder*/, std::string /*channel*/) { co_return false; }

State::State(async::Shards& shards, Limits limits)
    : users{limits.sockets_per_user},
      addresses{limits.sockets_per_address},
      shards_{shards},
      limits_{limits} {
  if (shards.size() > max_shards) throw std::invalid_argument{"the hub takes at most 256 shards"};
  for (unsigned index = 0; index < shards.size(); ++index) {
    parts_.push_back(std::make_unique<Part>(*this, index, shards[index].executor()));
  }
}

State::~State() = default;

Hub::Hub(async::Shards& shards, Limits limits)
    : shards_{shards}, state_{std::make_shared<State>(shards, limits)} {
  for (unsigned index = 0; index < state_->size(); ++index) {
    state_->post(index, [](Part& part) { part.begin(); });
  }
}

Hub::~Hub() {
  for (unsigned index = 0; index < state_->size(); ++index) {
    shards_.post(index, PartEnd{state_, index});
  }
}

void Hub::set_gate(unsigned shard, Gate& gate) { state_->part(shard).gate = &gate; }

void Hub::accept(unsigned shard, http::Upgrade upgrade) {
  state_->part(shard).accept(std::move(upgrade));
}

void Hub::publish(std::string channel, std::string type, std::string data, Delivery delivery) {
  const unsigned home = state_->home_of(channel);
  state_->post(home,
               [publication = Publication{std::move(channel), std::move(type), std::move(data),
                                          delivery}](Part& part) { part.publish(publication); });
}

bool Hub::has_listeners(const std::string& channel) const {
  return state_->listened.contains(channel);
}

void Hub::close_session(Uuid user_id, std::string session_id) {
  for (unsigned index = 0; index < state_->size(); ++index) {
    state_->post(
        index, [ending = Ending{user_id, session_id}](Part& part) { part.close_session(ending); });
  }
}

Task<> Hub::drain(std::chrono::steady_clock::time_point deadline) {
  const auto state = state_;
  state->is_draining = true;
  const std::string system{system_channel};
  state->post(state->home_of(system), [system](Part& home) {
    const std::uint64_t seq = home.home.take_number(system);
    State& all = home.state();
    for (unsigned index = 0; index < all.size(); ++index) {
      all.post(index, [seq](Part& part) { part.drain(seq); });
    }
  });
  while (state->sockets > 0 && std::chrono::steady_clock::now() < deadline) {
    co_await async::sleep_for(drain_poll);
  }
  if (state->sockets == 0) co_return;
  for (unsigned index = 0; index < state->size(); ++index) {
    state->post(index, [](Part& part) { part.cut_off(); });
  }
  const auto last = std::chrono::steady_clock::now() + cut_off_time;
  while (state->sockets > 0 && std::chrono::steady_clock::now() < last) {
    co_await async::sleep_for(drain_poll);
  }
}

Hub::Counts Hub::counts() const {
  return {state_->sockets, state_->users.holders(), state_->listened.size(), state_->delivered,
          state_->slow_closed};
}

}  // namespace wildnout::ws
