// Asks the gate, joins the channels that every socket has, and says welcome.
#include "platform/ws/opening.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "platform/log/log.hpp"
#include "platform/ws/connection.hpp"
#include "platform/ws/handshake.hpp"

namespace wildnout::ws {
namespace {

struct OpeningRefusal {
  CloseCode code;
  std::string_view reason;
};

constexpr OpeningRefusal missing{CloseCode::policy, "Authentication required"};
constexpr OpeningRefusal invalid{CloseCode::policy, "Invalid authentication"};
constexpr OpeningRefusal suspended{CloseCode::policy, "Account suspended"};
constexpr OpeningRefusal full_address{CloseCode::policy, "Too many connections from this address"};
constexpr OpeningRefusal full_user{CloseCode::policy, "Too many connections of this user"};
constexpr OpeningRefusal ended{CloseCode::credentials_ended, "Credentials have ended"};
constexpr OpeningRefusal restarting{CloseCode::restart, "Restarting"};
constexpr OpeningRefusal failed{CloseCode::try_later, "Please try again shortly"};

// Credentials that end while they are being looked at must not open a socket.
class Watch {
 public:
  explicit Watch(Part& part) : part_{part} { part_.watch_endings(endings_); }
  ~Watch() { part_.unwatch_endings(endings_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] bool has_ended(const Holder& holder) const {
    for (const Ending& ending : endings_) {
      if (ending.concerns(holder)) return true;
    }
    return false;
  }

 private:
  Part& part_;
  Part::Endings endings_;
};

// Takes the holder, or says why not.
std::optional<OpeningRefusal> judge(Connection& connection, Gate::Verdict verdict,
                                    const Watch& watch) {
  if (connection.part().state().is_draining) return restarting;
  if (verdict.is_suspended) return suspended;
  if (!verdict.holder) return verdict.is_missing ? missing : invalid;
  if (watch.has_ended(*verdict.holder)) return ended;
  if (!connection.take_holder(std::move(*verdict.holder))) return full_user;
  return std::nullopt;
}

void append_position(std::string& out, const std::string& channel, const Enrolled& enrolled) {
  append_quoted(out, channel);
  out.append(":{\"epoch\":\"").append(enrolled.epoch).append("\",\"seq\":");
  out.append(std::to_string(enrolled.seq)).push_back('}');
}

std::string welcome_text(const Holder& holder, const std::string& own_channel,
                         const Enrolled& system, const Enrolled& own) {
  std::string out = "{\"type\":\"connection\",\"status\":\"connected\",\"userId\":\"";
  holder.user_id.append_to(out);
  out += "\",\"connectionId\":\"";
  Uuid::make().append_to(out);
  out += "\",\"resume\":{";
  append_position(out, std::string{system_channel}, system);
  out.push_back(',');
  append_position(out, own_channel, own);
  out.push_back('}');
  append_timestamp(out);
  out.push_back('}');
  return out;
}

Task<Enrolled> enroll(Connection& connection, const std::string& channel, bool is_deflated) {
  Part& part = connection.part();
  co_return co_await part.ask(
      part.state().home_of(channel), [channel, shard = part.index(), is_deflated](Part& there) {
        return there.home.enroll(channel, shard, is_deflated, std::nullopt, there.now());
      });
}

void refuse(Connection& connection, const Handshake& handshake, const OpeningRefusal& refusal) {
  connection.welcome(handshake.response);
  connection.close(refusal.code, refusal.reason);
}

// The coroutine of an opening; `connection` stays alive by it.
Task<> open(std::shared_ptr<Connection> connection, http::Upgrade upgrade) {
  Part& part = connection->part();
  const Handshake handshake =
      answer_handshake(upgrade.websocket_key, upgrade.protocols, upgrade.extensions);
  std::optional<OpeningRefusal> refusal;
  if (!connection->take_address()) {
    refusal = full_address;
  } else {
    try {
      const Watch watch{part};
      refusal = judge(*connection, co_await part.gate->admit(upgrade), watch);
    } catch (const std::exception& fault) {
      log::warn("admission failed", {{"what", fault.what()}, {"requestId", upgrade.request_id}});
      refusal = failed;
    }
  }
  if (connection->is_closing()) co_return;  // cut off meanwhile
  if (refusal) co_return refuse(*connection, handshake, *refusal);
  connection->agree_on_deflate(handshake.is_deflated);
  const std::string system{system_channel};
  const std::string own = std::string{user_channel_prefix} + connection->holder().user_id.text();
  connection->hold(system);
  connection->hold(own);
  const Enrolled on_system = co_await enroll(*connection, system, handshake.is_deflated);
  const Enrolled on_own = co_await enroll(*connection, own, handshake.is_deflated);
  if (connection->is_closing()) co_return;
  // From here to the end nothing waits, so a drain that begins now finds the socket open.
  if (part.state().is_draining) co_return refuse(*connection, handshake, restarting);
  connection->welcome(handshake.response +
                      text_frame(welcome_text(connection->holder(), own, on_system, on_own)));
  connection->release(system, on_system, false, {});
  connection->release(own, on_own, false, {});
  connection->start_reading(upgrade.surplus);
}

}  // namespace

void open_connection(Part& part, http::Upgrade upgrade) {
  auto address = upgrade.remote;
  auto connection =
      std::make_shared<Connection>(part, std::move(upgrade.socket), std::move(address));
  part.add(connection);
  boost::asio::co_spawn(part.executor(), open(connection, std::move(upgrade)),
                        [connection](std::exception_ptr fault) {
                          if (fault) connection->destroy();
                        });
}

}  // namespace wildnout::ws
