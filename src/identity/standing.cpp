// Reading changes as they are committed and passing them to the shards.
#include "identity/standing.hpp"

#include "identity/standing_repository.hpp"
#include "platform/log/log.hpp"

namespace wildnout::identity {

bool StandingSlot::is_outdated(UserId user, std::uint64_t read_at_version) const {
  if (read_at_version < all_changed_at_) return true;
  const auto found = changed_.find(user);
  return found != changed_.end() && found->second.version > read_at_version;
}

void StandingSlot::apply(const StandingChange& change, Timestamp now) {
  ++version_;
  if (change.kind != ChangeKind::session_ended) {
    if (change.user_id) changed_[*change.user_id] = {version_, now};
    return;
  }
  if (!change.session_id || change.keep_until <= now) return;
  if (ended_.size() >= max_sessions) {
    all_changed_at_ = version_;
    return;
  }
  Timestamp& until = ended_[*change.session_id];
  until = std::max(until, change.keep_until);
}

void StandingSlot::forget_old(Timestamp now) {
  std::erase_if(ended_, [&](const auto& entry) { return entry.second <= now; });
  std::erase_if(changed_, [&](const auto& entry) { return entry.second.at + user_memory < now; });
}

Standing::Standing(async::Shards& shards, unsigned home, CloseSockets close_sockets)
    : shards_{shards},
      home_{home},
      close_sockets_{std::move(close_sockets)},
      looked_at_{Clock::now().time_since_epoch().count()} {
  for (unsigned i = 0; i < shards_.size(); ++i) slots_.push_back(std::make_unique<StandingSlot>());
}

Task<> Standing::run(db::Database& database) {
  constexpr std::chrono::minutes forget_every{1};
  Clock::time_point forget_at = Clock::now() + forget_every;
  while (!is_stopping_) {
    try {
      co_await look(database);
      looked_at_ = Clock::now().time_since_epoch().count();
      if (std::exchange(is_failing_, false)) log::info("standing is known again");
    } catch (const std::exception& fault) {
      if (!std::exchange(is_failing_, true)) {
        log::warn("standing is not known", {{"why", fault.what()}});
      }
    }
    if (Clock::now() >= forget_at) {
      forget_at = Clock::now() + forget_every;
      for (unsigned i = 0; i < shards_.size(); ++i) {
        shards_.post(i, [slot = slots_[i].get()] { slot->forget_old(system_now()); });
      }
    }
    if (!is_stopping_) co_await wake_.wait_for(look_every);
  }
}

void Standing::stop() {
  is_stopping_ = true;
  wake_.raise();
}

// The border is taken before the rows are read: what commits in between is read now and once more
// next time, which is why applied rows are remembered.
Task<> Standing::look(db::Database& database) {
  if (std::exchange(must_notify_, false)) {
    co_await notify_standing(database.session(db::Work::writes), channel);
  }
  const auto found = seen_until_ ? co_await find_changes(database.session(), *seen_until_)
                                 : co_await find_live_changes(database.session());
  std::set<std::int64_t> applied;
  for (const StandingRow& row : found.rows) {
    applied.insert(row.sequence);
    if (applied_.contains(row.sequence)) continue;
    const StandingChange change{row.kind, row.user_id, row.session_id, row.keep_until};
    spread(change, home_);
    // What was there before this start concerns no socket of this process.
    if (seen_until_) close_sockets(change);
  }
  applied_ = std::move(applied);
  seen_until_ = found.border;
}

void Standing::announce(const StandingChange& change, unsigned from) {
  spread(change, from);
  close_sockets(change);
  shards_.post(home_, [this] {
    must_notify_ = true;
    wake_.raise();
  });
}

void Standing::spread(const StandingChange& change, unsigned from) {
  const Timestamp now = system_now();
  slots_[from]->apply(change, now);
  for (unsigned i = 0; i < shards_.size(); ++i) {
    if (i == from) continue;
    shards_.post(i, [slot = slots_[i].get(), change, now] { slot->apply(change, now); });
  }
}

void Standing::close_sockets(const StandingChange& change) {
  if (!change.user_id || change.kind == ChangeKind::user_changed) return;
  const bool is_session = change.kind == ChangeKind::session_ended;
  close_sockets_(*change.user_id, is_session ? change.session_id.value_or("") : "");
}

bool Standing::is_current() const {
  const Clock::time_point looked{Clock::duration{looked_at_.load()}};
  return Clock::now() - looked <= stale_after;
}

}  // namespace wildnout::identity
