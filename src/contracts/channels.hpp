// How a module offers live channels: who may listen, and what stands now.
#pragma once

#include <string>
#include <string_view>

#include "contracts/ids.hpp"
#include "platform/async/task.hpp"

namespace wildnout {

// A family of channels "prefix:{id}" or one channel "prefix". One object a shard, made by the
// module that owns the family; realtime asks it.
class ChannelSource {
 public:
  virtual ~ChannelSource() = default;

  [[nodiscard]] virtual std::string_view prefix() const = 0;
  // False when the viewer may not know that the channel exists. `id` is what follows the colon.
  [[nodiscard]] virtual Task<bool> may_listen(UserId viewer, std::string id) = 0;
  // The channel's present state as JSON.
  [[nodiscard]] virtual Task<std::string> snapshot(UserId viewer, std::string id) = 0;
};

}  // namespace wildnout
