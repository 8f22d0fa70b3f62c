// Counting sign-ins, good and bad, in memory, and writing the counts down now and again.
#pragma once

#include <chrono>
#include <map>
#include <set>

#include "contracts/sign_ins.hpp"
#include "platform/async/signal.hpp"
#include "platform/crypto/network_numbers.hpp"
#include "platform/db/database.hpp"

namespace wildnout::audit::watch {

// One a shard. What was counted since the last writing is lost when the process dies.
class SignInBook final : public SignIns {
 public:
  static constexpr std::chrono::seconds write_every{5};
  // Networks of failures that one writing tells apart, and uses of accounts that one may hold.
  static constexpr std::size_t most_networks = 64;
  static constexpr std::size_t most_uses = 20'000;

  // `networks`: the same key on every node.
  SignInBook(db::Database& database, crypto::NetworkNumbers networks)
      : database_{database}, networks_{std::move(networks)} {}

  void seen(UserId user, const Address& from) noexcept override;
  // Credentials were refused that were never good.
  void failed(const Address& from) noexcept;

  // Until `stop`, which has what is left written.
  [[nodiscard]] Task<> run();
  void stop();

  [[nodiscard]] Task<> write();

 private:
  db::Database& database_;
  crypto::NetworkNumbers networks_;
  std::map<std::int64_t, std::int64_t> failures_;   // by network; 0: those beyond the most
  std::set<std::pair<UserId, std::int64_t>> uses_;  // in order: writers of the same rows cannot
                                                    // lock each other out
  async::Signal signal_;
  bool is_stopping_ = false;
};

}  // namespace wildnout::audit::watch
