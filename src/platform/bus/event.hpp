// What an event is: a fact, typed, written in the same transaction as the change it tells of.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "platform/values/time.hpp"
#include "platform/values/uuid.hpp"

namespace wildnout::bus {

// A described struct with its name in the contract (section 4):
//   struct BattleActivated { BattleId battle_id; …; static constexpr std::string_view type = "…";
//   };
template <class T>
concept Event = requires {
  { T::type } -> std::convertible_to<std::string_view>;
};

// An event as it lies in the outbox. Consumers are idempotent by `id`: delivery is at least once.
struct Envelope {
  Uuid id;
  std::string type;
  Uuid aggregate_id;  // events of one aggregate come in order
  std::string data;   // JSON
  Timestamp created_at;
};

}  // namespace wildnout::bus
