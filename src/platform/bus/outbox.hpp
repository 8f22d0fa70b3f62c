// Writing events, in the writer's own transaction.
#pragma once

#include "platform/bus/event.hpp"
#include "platform/db/session.hpp"
#include "platform/json/json.hpp"

namespace wildnout::bus {

// Stores the event; it is delivered once the transaction of `session` has committed.
[[nodiscard]] Task<> store(db::Session& session, std::string_view type, Uuid aggregate_id,
                           std::string data);

template <Event T>
[[nodiscard]] Task<> publish(db::Session& session, Uuid aggregate_id, T event) {
  std::string data;
  json::write(data, event);
  co_await store(session, T::type, aggregate_id, std::move(data));
}

}  // namespace wildnout::bus
