// From events to messages on people's own channels, `user:{id}`.
#pragma once

#include "platform/bus/dispatcher.hpp"
#include "platform/ws/hub.hpp"

namespace wildnout::realtime {

// `hub` outlives the dispatcher's run.
void announce_to_people(bus::Dispatcher& dispatcher, ws::Hub& hub);

}  // namespace wildnout::realtime
