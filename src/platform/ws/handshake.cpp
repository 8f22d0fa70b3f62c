// Choosing sub-protocol and extension, and proving that the key was read.
#include "platform/ws/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "platform/ws/hub.hpp"

namespace wildnout::ws {
namespace {

constexpr std::string_view key_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes the text before the next `separator` off the front, trimmed.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return trimmed(part);
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

bool is_window_bits(std::string_view text) {
  return text == "8" || text == "9" || text == "10" || text == "11" || text == "12" ||
         text == "13" || text == "14" || text == "15";
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// The parameters of our answer to one offer, or nothing when it has to be declined.
struct Agreement {
  bool is_agreed = false;
  bool names_server_window = false;
};

Agreement agree_on(std::string_view offer) {
  Agreement agreement;
  if (!equal_ignoring_case(take_until(offer, ';'), "permessage-deflate")) return agreement;
  while (!offer.empty()) {
    std::string_view parameter = take_until(offer, ';');
    const bool has_value = parameter.find('=') != std::string_view::npos;
    const std::string_view name = take_until(parameter, '=');
    const std::string_view value = unquoted(trimmed(parameter));
    if (name == "server_no_context_takeover" || name == "client_no_context_takeover") {
      if (has_value) return {};
    } else if (name == "client_max_window_bits") {
      if (has_value && !is_window_bits(value)) return {};
    } else if (name == "server_max_window_bits" && value == "15") {
      agreement.names_server_window = true;
    } else {
      // A smaller window would need a frame of its own for this one socket.
      return {};
    }
  }
  agreement.is_agreed = true;
  return agreement;
}

std::string accept_token(std::string_view key) {
  std::string source{key};
  source += key_suffix;
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(source.data()), source.size(), digest.data());
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> text{};
  const int length = EVP_EncodeBlock(text.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(length)};
}

}  // namespace

Handshake answer_handshake(std::string_view key, std::string_view protocols,
                           std::string_view extensions) {
  Handshake handshake;
  std::string& out = handshake.response;
  out =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  out.append(accept_token(key)).append("\r\n");
  while (!protocols.empty()) {
    if (take_until(protocols, ',') != sub_protocol) continue;
    out.append("Sec-WebSocket-Protocol: ").append(sub_protocol).append("\r\n");
    break;
  }
  while (!extensions.empty()) {
    const Agreement agreement = agree_on(take_until(extensions, ','));
    if (!agreement.is_agreed) continue;
    out +=
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
        "client_no_context_takeover";
    if (agreement.names_server_window) out += "; server_max_window_bits=15";
    out += "\r\n";
    handshake.is_deflated = true;
    break;
  }
  out += "\r\n";
  return handshake;
}

}  // namespace wildnout::ws
