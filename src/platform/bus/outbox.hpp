// Writing events, in the writer's own transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/bus/event.hpp"
#include "platform/db/session.hpp"
#include "platform/json/json.hpp"

namespace wildnout::bus {

// Stores the event; it is delivered once the transaction of `session` has committed.
[[nodiscard]] Task<> store(db::Session& session, std::string_view type, Uuid aggregate_id,
                           std::string data);

// Of the stored events of these aggregates, on a page of the table: the texts of the members so
// named become empty. Gives where the next page begins; nothing behind the last one.
[[nodiscard]] Task<std::optional<std::int64_t>> blank_members(db::Session& session,
                                                              std::vector<Uuid> aggregates,
                                                              std::vector<std::string> members,
                                                              std::int64_t after);

template <Event T>
[[nodiscard]] Task<> publish(db::Session& session, Uuid aggregate_id, T event) {
  std::string data;
  json::write(data, event);
  co_await store(session, T::type, aggregate_id, std::move(data));
}

}  // namespace wildnout::bus
