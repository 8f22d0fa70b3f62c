// The statement that stores an event.
#include "platform/bus/outbox.hpp"

#include "platform/db/query.hpp"

namespace wildnout::bus {
namespace {

const db::Query<void(Uuid, std::string_view, Uuid, std::string_view)> store_event{"store_event",
                                                                                  R"sql(
  INSERT INTO outbox (id, type, aggregate_id, data) VALUES ($1, $2, $3, $4))sql"};

}  // namespace

Task<> store(db::Session& session, std::string_view type, Uuid aggregate_id, std::string data) {
  co_await db::run(session, store_event, Uuid::make(), type, aggregate_id, data);
}

}  // namespace wildnout::bus
