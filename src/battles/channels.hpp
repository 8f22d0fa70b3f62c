// The channels `battle:{id}` and `battles`: who may listen, and where they stand.
#pragma once

#include "battles/reading.hpp"
#include "contracts/channels.hpp"

namespace wildnout::battles {

class BattleChannel : public ChannelSource {
 public:
  explicit BattleChannel(Reading& reading) : reading_{reading} {}

  [[nodiscard]] std::string_view prefix() const override { return "battle"; }
  // Every battle is public.
  [[nodiscard]] Task<bool> may_listen(UserId viewer, std::string id) override;
  // {"battle":…,"tally":…}
  [[nodiscard]] Task<std::string> snapshot(UserId viewer, std::string id) override;

 private:
  Reading& reading_;
};

class AllBattlesChannel : public ChannelSource {
 public:
  [[nodiscard]] std::string_view prefix() const override { return "battles"; }
  [[nodiscard]] Task<bool> may_listen(UserId viewer, std::string id) override;
  // Lists tell what stands: GET /battles.
  [[nodiscard]] Task<std::string> snapshot(UserId viewer, std::string id) override;
};

}  // namespace wildnout::battles
