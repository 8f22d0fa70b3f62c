// Who may open a socket and listen to what: the house's answers to the hub.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "contracts/channels.hpp"
#include "contracts/sessions.hpp"
#include "platform/api/limits.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::realtime {

// One a shard.
class Gate : public ws::Gate {
 public:
  // `reauth`: how long a socket lives without its session being proved again. `limiter` counts bad
  // tokens against their address; null: nobody does.
  Gate(Sessions& sessions, std::chrono::milliseconds reauth, api::Limiter* limiter)
      : sessions_{sessions}, reauth_{reauth}, limiter_{limiter} {}

  // A family of channels; the module that offers it outlives the gate. Before the first upgrade.
  void offer(ChannelSource& source) { sources_.emplace(source.prefix(), &source); }

  [[nodiscard]] Task<Verdict> admit(const http::Upgrade& upgrade) override;
  [[nodiscard]] Task<Verdict> renew(std::string token) override;
  [[nodiscard]] Task<Access> may_subscribe(const ws::Holder& holder, std::string channel) override;
  [[nodiscard]] Task<std::string> snapshot(const ws::Holder& holder, std::string channel) override;

 private:
  [[nodiscard]] Verdict verdict_of(Admission admission) const;
  [[nodiscard]] ChannelSource* source_of(std::string_view channel) const;

  Sessions& sessions_;
  std::chrono::milliseconds reauth_;
  api::Limiter* limiter_;
  std::map<std::string, ChannelSource*, std::less<>> sources_;
};

// What a client opened the socket with (contract section 3). Both empty: nothing.
struct Credentials {
  std::string ticket;
  std::string token;
};
// From `?ticket=`, the sub-protocol `bearer.<JWT>`, or `?token=`, the first that is there.
[[nodiscard]] Credentials credentials_of(std::string_view target, std::string_view protocols);

}  // namespace wildnout::realtime
