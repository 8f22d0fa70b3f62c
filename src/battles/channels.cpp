// Snapshots of battles' channels.
#include "battles/channels.hpp"

#include "platform/json/json.hpp"

namespace wildnout::battles {
namespace {

std::optional<BattleId> parse_id(const std::string& text) {
  const auto id = Uuid::parse(text);
  if (!id) return std::nullopt;
  return BattleId{*id};
}

}  // namespace

Task<bool> BattleChannel::may_listen(UserId, std::string id) {
  const auto battle = parse_id(id);
  if (!battle) co_return false;
  co_return (co_await reading_.battle(*battle)) != nullptr;
}

Task<std::string> BattleChannel::snapshot(UserId, std::string id) {
  const auto battle_id = parse_id(id);
  if (!battle_id) co_return "null";
  const auto battle = co_await reading_.battle(*battle_id);
  const auto tally = co_await reading_.tally(*battle_id);
  if (!battle || !tally) co_return "null";
  co_return "{\"battle\":" + battle->open_json + "},\"tally\":" + json::text_of(*tally) + "}";
}

Task<bool> AllBattlesChannel::may_listen(UserId, std::string id) { co_return id.empty(); }

Task<std::string> AllBattlesChannel::snapshot(UserId, std::string) { co_return "null"; }

}  // namespace wildnout::battles
