// Gathering from every shard that has listeners, and keeping the answer at the channel's home.
#include "platform/ws/presence.hpp"

#include <bitset>
#include <utility>

#include "platform/ws/part.hpp"

namespace wildnout::ws {
namespace {

struct Known {
  std::string answer;  // empty: has to be gathered
  std::bitset<max_shards> shards;
};

std::string answer_for(const Present& users) {
  std::string out = ",\"count\":" + std::to_string(users.size()) + ",\"users\":[";
  std::size_t named = 0;
  for (const auto& [id, display_name] : users) {
    if (!display_name) continue;
    if (named == max_named) break;
    if (named++ > 0) out.push_back(',');
    out += "{\"id\":\"";
    id.append_to(out);
    out += "\",\"displayName\":";
    append_quoted(out, *display_name);
    out.push_back('}');
  }
  out.push_back(']');
  return out;
}

}  // namespace

Task<std::string> presence_of(Part& part, std::string channel) {
  const unsigned home = part.state().home_of(channel);
  Known known = co_await part.ask(home, [channel](Part& there) {
    const auto found = there.presence.find(channel);
    if (found != there.presence.end() &&
        there.now() - found->second.at < there.limits().presence_age) {
      return Known{found->second.answer, {}};
    }
    return Known{{}, there.home.listening_shards(channel)};
  });
  if (!known.answer.empty()) co_return std::move(known.answer);
  Present users;
  for (unsigned index = 0; index < part.state().size(); ++index) {
    if (!known.shards.test(index)) continue;
    Present present =
        co_await part.ask(index, [channel](Part& there) { return there.present(channel); });
    for (auto& [id, display_name] : present) {
      auto& kept = users[id];
      if (!kept) kept = std::move(display_name);
    }
  }
  std::string answer = answer_for(users);
  if (known.shards.any()) {
    part.state().post(home, [channel, answer](Part& there) {
      there.presence[channel] = {answer, there.now()};
    });
  }
  co_return answer;
}

}  // namespace wildnout::ws
