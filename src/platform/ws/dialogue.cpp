// The commands of a socket: subscribe, unsubscribe, ping, authenticate, presence, typing.
#include "platform/ws/dialogue.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "platform/log/log.hpp"
#include "platform/ws/command.hpp"
#include "platform/ws/connection.hpp"
#include "platform/ws/presence.hpp"
#include "platform/ws/utf8.hpp"

namespace wildnout::ws {
namespace {

// What is wrong with a command; the codes are those of HTTP answers where one fits.
struct Complaint {
  std::string_view code;
  std::string_view message;
};

constexpr Complaint malformed{"malformed_json", "Send a JSON object with a string \"type\""};
constexpr Complaint unknown_type{"validation_error", "There is no message of this type"};
constexpr Complaint no_channel{"validation_error", "A channel name is needed"};
constexpr Complaint faulty_since{"validation_error",
                                 "since needs a string epoch and a whole number seq"};
constexpr Complaint no_token{"validation_error", "A token is needed"};
constexpr Complaint not_found{"not_found", "There is no such channel"};
constexpr Complaint forbidden{"forbidden", "You may not do this"};
constexpr Complaint too_many_channels{"conflict", "This socket has as many channels as it may"};
constexpr Complaint stays_joined{"conflict", "A socket has this channel for as long as it lives"};
constexpr Complaint invalid_token{"unauthorized", "Invalid authentication"};
constexpr Complaint broken{"internal_error", "Something went wrong here"};

void complain(Connection& connection, std::string_view id, const Complaint& complaint) {
  std::string out = "{\"type\":\"error\",\"id\":";
  out.append(id).append(",\"error\":{\"code\":\"").append(complaint.code);
  out += "\",\"message\":";
  append_quoted(out, complaint.message);
  out.push_back('}');
  append_timestamp(out);
  out.push_back('}');
  connection.answer(out);
}

// {"type":type,"id":id
std::string answer_head(std::string_view type, const Command& command) {
  std::string out = "{\"type\":\"";
  out.append(type).append("\",\"id\":").append(command.id);
  return out;
}

void finish(Connection& connection, std::string out) {
  append_timestamp(out);
  out.push_back('}');
  connection.answer(out);
}

bool is_own_channel(const Connection& connection, const std::string& channel) {
  return channel == system_channel ||
         (channel.starts_with(user_channel_prefix) &&
          channel == std::string{user_channel_prefix} + connection.holder().user_id.text());
}

std::string subscribed_text(const Command& command, const Enrolled& enrolled,
                            const std::string& snapshot) {
  std::string out = answer_head("subscribed", command);
  out += ",\"channel\":";
  append_quoted(out, command.channel);
  out.append(",\"epoch\":\"").append(enrolled.epoch);
  out.append("\",\"seq\":").append(std::to_string(enrolled.seq));
  out.append(",\"recovered\":").append(enrolled.is_recovered ? "true" : "false");
  out.append(",\"snapshot\":").append(snapshot.empty() ? "null" : snapshot);
  append_timestamp(out);
  out.push_back('}');
  return out;
}

// Whether the holder may know this channel; complains when not.
Task<bool> is_allowed(Connection& connection, const Command& command) {
  if (is_own_channel(connection, command.channel)) co_return true;
  const auto access =
      co_await connection.part().gate->may_subscribe(connection.holder(), command.channel);
  if (access == Gate::Access::allowed) co_return true;
  complain(connection, command.id, access == Gate::Access::forbidden ? forbidden : not_found);
  co_return false;
}

// The position first, then the state: no event between the two can be missed.
Task<> join(Connection& connection, const Command& command, bool is_deflating, bool was_listening) {
  Part& part = connection.part();
  const Enrolled enrolled = co_await part.ask(
      part.state().home_of(command.channel), [channel = command.channel, since = command.since,
                                              shard = part.index(), is_deflating](Part& there) {
        return there.home.enroll(channel, shard, is_deflating, since, there.now());
      });
  if (!connection.is_open()) co_return;
  const std::string snapshot = co_await part.gate->snapshot(connection.holder(), command.channel);
  if (!connection.is_open()) co_return;
  connection.release(command.channel, enrolled, was_listening,
                     subscribed_text(command, enrolled, snapshot));
}

Task<> subscribe(Connection& connection, const Command& command) {
  if (command.is_since_faulty) co_return complain(connection, command.id, faulty_since);
  const bool was_listening = connection.listens_to(command.channel);
  constexpr std::size_t own_channels = 2;
  if (!was_listening &&
      connection.subscriptions() >= connection.part().limits().channels_per_socket + own_channels) {
    co_return complain(connection, command.id, too_many_channels);
  }
  if (!co_await is_allowed(connection, command) || !connection.is_open()) co_return;
  connection.hold(command.channel);
  std::exception_ptr fault;
  try {
    co_await join(connection, command, connection.is_deflated(), was_listening);
  } catch (...) {
    fault = std::current_exception();
  }
  if (!fault) co_return;
  connection.give_up(command.channel, was_listening);
  std::rethrow_exception(fault);
}

Task<> authenticate(Connection& connection, const Command& command) {
  if (command.token.empty()) co_return complain(connection, command.id, no_token);
  Gate::Verdict verdict = co_await connection.part().gate->renew(command.token);
  if (!connection.is_open()) co_return;
  if (verdict.is_suspended) co_return connection.close_for_ended_credentials();
  if (!verdict.holder || verdict.holder->user_id != connection.holder().user_id) {
    co_return complain(connection, command.id, invalid_token);
  }
  connection.set_holder(std::move(*verdict.holder));
  std::string out = answer_head("authenticated", command);
  out += ",\"expiresAt\":\"";
  append_text_of(connection.holder().proof_expires_at, out);
  out.push_back('"');
  finish(connection, std::move(out));
}

Task<> tell_presence(Connection& connection, const Command& command) {
  if (!connection.listens_to(command.channel)) {
    if (!co_await is_allowed(connection, command)) co_return;
  }
  const std::string present = co_await presence_of(connection.part(), command.channel);
  std::string out = answer_head("presence", command);
  out += ",\"channel\":";
  append_quoted(out, command.channel);
  finish(connection, out.append(present));
}

Task<> relay(Connection& connection, const Command& command) {
  Part& part = connection.part();
  if (!co_await part.gate->may_relay(connection.holder(), command.channel)) {
    co_return complain(connection, command.id, forbidden);
  }
  const Holder& holder = connection.holder();
  std::string data = "{\"userId\":\"";
  holder.user_id.append_to(data);
  data += "\",\"displayName\":";
  append_quoted(data, holder.display_name);
  data.push_back('}');
  part.state().post(
      part.state().home_of(command.channel),
      [publication = Publication{command.channel, command.type, std::move(data), Delivery::latest},
       except = connection.number()](Part& there) { there.relay(publication, except); });
}

void unsubscribe(Connection& connection, const Command& command) {
  if (is_own_channel(connection, command.channel)) {
    return complain(connection, command.id, stays_joined);
  }
  connection.leave(command.channel);
  std::string out = answer_head("unsubscribed", command);
  out += ",\"channel\":";
  append_quoted(out, command.channel);
  finish(connection, std::move(out));
}

using Work = Task<> (*)(Connection&, const Command&);

// Keeps the connection and the command for as long as the work lasts.
Task<> run(std::shared_ptr<Connection> connection, Command command, Work work) {
  try {
    co_await work(*connection, command);
  } catch (const std::exception& fault) {
    log::warn("socket command failed", {{"type", command.type}, {"what", fault.what()}});
    complain(*connection, command.id, broken);
  }
}

void begin(Connection& connection, Command command, Work work) {
  connection.begin_work();
  auto kept = connection.shared_from_this();
  boost::asio::co_spawn(connection.part().executor(), run(kept, std::move(command), work),
                        [kept](std::exception_ptr) { kept->end_work(); });
}

void handle_command(Connection& connection, Command command) {
  if (command.type == "ping") return finish(connection, answer_head("pong", command));
  if (command.type == "authenticate") return begin(connection, std::move(command), &authenticate);
  const bool is_subscribe = command.type == "subscribe";
  const bool is_unsubscribe = command.type == "unsubscribe";
  const bool is_presence = command.type == "presence";
  if (!is_subscribe && !is_unsubscribe && !is_presence && command.type != "typing") {
    return complain(connection, command.id, unknown_type);
  }
  if (command.channel.empty()) return complain(connection, command.id, no_channel);
  if (is_unsubscribe) return unsubscribe(connection, command);
  begin(connection, std::move(command),
        is_subscribe ? &subscribe : (is_presence ? &tell_presence : &relay));
}

}  // namespace

void handle_message(Connection& connection, const Incoming& message) {
  if (!message.is_text) {
    return connection.close(CloseCode::unsupported, "Text messages only");
  }
  std::string_view text = message.bytes;
  if (message.is_deflated) {
    Part& part = connection.part();
    switch (part.inflater.inflate(text, part.limits().message_bytes, part.inflated)) {
      case Inflater::Outcome::done:
        break;
      case Inflater::Outcome::too_big:
        return connection.close(CloseCode::too_big, "Message too big");
      case Inflater::Outcome::broken:
        return connection.close(CloseCode::invalid_text, "Not deflated data");
    }
    text = part.inflated;
    // What was not compressed has been checked as it came.
    if (!is_utf8(text)) return connection.close(CloseCode::invalid_text, "Not UTF-8");
  }
  auto command = parse_command(text);
  if (command) return handle_command(connection, std::move(*command));
  if (connection.is_one_too_many()) {
    return connection.close(CloseCode::policy, "Too many malformed messages");
  }
  complain(connection, "null", malformed);
}

}  // namespace wildnout::ws
