// Decoding by Boost.JSON into memory on the stack.
#include "platform/ws/command.hpp"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace wildnout::ws {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_id_bytes = 64;
constexpr std::size_t max_channel_bytes = 128;

bool is_channel_name(std::string_view name) {
  if (name.empty() || name.size() > max_channel_bytes) return false;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_' || c == '.';
    if (!is_plain) return false;
  }
  return true;
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

void read_since(const json::object& object, Command& command) {
  const json::value* const value = object.if_contains("since");
  if (value == nullptr || value->is_null()) return;
  command.is_since_faulty = true;
  if (!value->is_object()) return;
  const std::string_view epoch = text_of(value->get_object(), "epoch");
  const json::value* const seq = value->get_object().if_contains("seq");
  if (epoch.empty() || seq == nullptr) return;
  json::error_code error;
  const auto number = seq->to_number<std::uint64_t>(error);
  if (error) return;
  command.since = Since{std::string{epoch}, number};
  command.is_since_faulty = false;
}

}  // namespace

std::optional<Command> parse_command(std::string_view text) {
  std::array<unsigned char, 4096> memory;
  json::monotonic_resource resource{memory.data(), memory.size()};
  json::parse_options options;
  options.max_depth = max_depth;
  json::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error, &resource, options);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const json::value* const type = object.if_contains("type");
  if (type == nullptr || !type->is_string()) return std::nullopt;
  Command command;
  command.type = text_of(object, "type");
  if (const json::value* const id = object.if_contains("id")) {
    if (id->is_number() || (id->is_string() && id->get_string().size() <= max_id_bytes)) {
      command.id = json::serialize(*id);
    }
  }
  const std::string_view channel = text_of(object, "channel");
  if (is_channel_name(channel)) command.channel = channel;
  command.token = text_of(object, "token");
  read_since(object, command);
  return command;
}

}  // namespace wildnout::ws
