// What happened to a person's own things, told to that person alone.
#include "realtime/announcements.hpp"

#include "contracts/users.hpp"
#include "platform/json/json.hpp"

namespace wildnout::realtime {

// `export.ready`: whose it is says the channel.
struct ExportMessage {
  Uuid export_id;
  Timestamp expires_at;
};
BOOST_DESCRIBE_STRUCT(ExportMessage, (), (export_id, expires_at))

void announce_to_people(bus::Dispatcher& dispatcher, ws::Hub& hub) {
  dispatcher.subscribe<ExportReady>([&hub](bus::Envelope, ExportReady ready) -> Task<> {
    const ExportMessage message{ready.export_id, ready.expires_at};
    hub.publish("user:" + ready.user_id.text(), std::string{ExportReady::type},
                json::text_of(message), ws::Delivery::must);
    co_return;
  });
}

}  // namespace wildnout::realtime
