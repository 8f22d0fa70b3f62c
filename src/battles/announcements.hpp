// What battles tell on the live channels: from events, once each, in order.
#pragma once

#include "platform/bus/dispatcher.hpp"
#include "platform/db/database.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::battles {

// Subscribes to the module's own events. `database` is the dispatcher's shard's.
void announce_events(bus::Dispatcher& dispatcher, db::Database& database, ws::Hub& hub);

}  // namespace wildnout::battles
