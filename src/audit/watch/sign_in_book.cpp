// Bounded maps, emptied by one transaction.
#include "audit/watch/sign_in_book.hpp"

#include "audit/watch/fact_repository.hpp"
#include "platform/log/log.hpp"

namespace wildnout::audit::watch {

void SignInBook::seen(UserId user, const Address& from) noexcept {
  if (uses_.size() < most_uses) uses_.emplace(user, networks_.of(from));
}

void SignInBook::failed(const Address& from) noexcept {
  const std::int64_t network = networks_.of(from);
  const bool is_told_apart = failures_.contains(network) || failures_.size() < most_networks;
  ++failures_[is_told_apart ? network : 0];
}

Task<> SignInBook::run() {
  while (!is_stopping_) {
    co_await signal_.wait_for(write_every);
    try {
      co_await write();
    } catch (const std::exception& fault) {
      log::warn("counts of sign-ins were not written", {{"what", fault.what()}});
    }
  }
}

void SignInBook::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<> SignInBook::write() {
  std::vector<std::int64_t> networks;
  std::vector<std::int64_t> counts;
  for (const auto& [network, count] : failures_) {
    networks.push_back(network);
    counts.push_back(count);
  }
  std::vector<Uuid> users;
  std::vector<std::int64_t> places;
  for (const auto& [user, network] : uses_) {
    users.push_back(user.value);
    places.push_back(network);
  }
  failures_.clear();
  uses_.clear();
  if (!networks.empty()) {
    co_await database_.transact(
        [&](db::Session& session) -> Task<> { co_await add_failures(session, networks, counts); });
  }
  if (!users.empty()) co_await add_uses(database_.session(db::Work::writes), users, places);
}

}  // namespace wildnout::audit::watch
