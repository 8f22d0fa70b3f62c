// Writing the text of messages.
#include "platform/ws/message.hpp"

#include <boost/json/serialize.hpp>
#include <functional>

#include "platform/ws/frame.hpp"

namespace wildnout::ws {

MessagePointer make_message(const Publication& publication, std::uint64_t seq, std::uint64_t except,
                            Deflater* deflater, std::size_t deflate_over_bytes) {
  auto message = std::make_shared<Message>();
  message->channel = publication.channel;
  message->seq = seq;
  message->delivery = publication.delivery;
  const std::hash<std::string> hash;
  message->kind = hash(publication.channel) * 31 + hash(publication.type);
  message->except = except;
  const std::string text =
      message_text(publication.type, publication.channel, seq, publication.data);
  message->plain = text_frame(text);
  message->header_bytes = message->plain.size() - text.size();
  if (deflater != nullptr && text.size() > deflate_over_bytes) {
    const std::string payload = deflater->deflate(text);
    if (!payload.empty()) message->deflated = text_frame(payload, true);
  }
  return message;
}

std::string frame_with_skipped(const Message& message, std::uint64_t skipped) {
  std::string text{message.text()};
  text.pop_back();
  text.append(",\"skipped\":").append(std::to_string(skipped)).push_back('}');
  return text_frame(text);
}

std::string message_text(std::string_view type, std::string_view channel, std::uint64_t seq,
                         std::string_view data) {
  std::string out;
  out.reserve(data.size() + type.size() + channel.size() + 96);
  out += "{\"type\":";
  append_quoted(out, type);
  out += ",\"channel\":";
  append_quoted(out, channel);
  if (seq != 0) out.append(",\"seq\":").append(std::to_string(seq));
  out.append(",\"data\":").append(data);
  append_timestamp(out);
  out.push_back('}');
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  out += boost::json::serialize(boost::json::string_view{text.data(), text.size()});
}

void append_timestamp(std::string& out) {
  out.append(",\"timestamp\":").append(std::to_string(system_now().time_since_epoch().count()));
}

}  // namespace wildnout::ws
