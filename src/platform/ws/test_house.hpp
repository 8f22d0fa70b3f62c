// A hub on real shards for tests, with a gate that reads its verdict from the token.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "platform/async/shards.hpp"
#include "platform/ws/hub.hpp"
#include "platform/ws/test_peer.hpp"

namespace wildnout::ws::test {

inline Uuid user_number(unsigned number) {
  Uuid id;
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

// Tokens: "" is missing, "bad" invalid, "suspended", "faulty" throws, "slow:..." takes 100 ms; a
// number is that user, with "/session" behind it if wanted, and "~ms" until the proof ends.
class TokenGate : public Gate {
 public:
  Task<Verdict> admit(const http::Upgrade& upgrade) override {
    const auto at = upgrade.target.find("token=");
    co_return co_await judge(at == std::string::npos ? "" : upgrade.target.substr(at + 6));
  }
  Task<Verdict> renew(std::string token) override { co_return co_await judge(std::move(token)); }

  Task<Access> may_subscribe(const Holder&, std::string channel) override {
    if (channel == "secret") co_return Access::forbidden;
    if (channel == "nowhere" || channel.starts_with("user:")) co_return Access::not_found;
    if (channel == "faulty") throw std::runtime_error{"no database"};
    co_return Access::allowed;
  }
  Task<std::string> snapshot(const Holder&, std::string channel) override {
    if (channel.starts_with("slow:")) co_await async::sleep_for(std::chrono::milliseconds{100});
    if (channel == "faulty-state") throw std::runtime_error{"no database"};
    if (channel == system_channel || channel.starts_with("user:")) co_return "null";
    if (on_snapshot) on_snapshot(channel);
    co_return "{\"of\":\"" + channel + "\"}";
  }
  Task<bool> may_relay(const Holder&, std::string channel) override {
    co_return channel.starts_with("talk:");
  }

  std::function<void(const std::string&)> on_snapshot;

 private:
  Task<Verdict> judge(std::string token) {
    Verdict verdict;
    if (token.starts_with("slow:")) {
      token.erase(0, 5);
      co_await async::sleep_for(std::chrono::milliseconds{100});
    }
    if (token == "faulty") throw std::runtime_error{"no database"};
    verdict.is_missing = token.empty();
    verdict.is_suspended = token == "suspended";
    if (token.empty() || token == "bad" || token == "suspended") co_return verdict;
    Holder holder;
    holder.proof_expires_at = system_now() + std::chrono::minutes{15};
    if (const auto end = token.find('~'); end != std::string::npos) {
      holder.proof_expires_at =
          system_now() + std::chrono::milliseconds{std::stoi(token.substr(end + 1))};
      token.resize(end);
    }
    if (const auto slash = token.find('/'); slash != std::string::npos) {
      holder.session_id = token.substr(slash + 1);
      token.resize(slash);
    }
    holder.user_id = user_number(static_cast<unsigned>(std::stoul(token)));
    holder.display_name = "User \"" + token + "\"";
    verdict.holder = std::move(holder);
    co_return verdict;
  }
};

struct Offer {
  std::string token = "1";
  std::string protocols;
  std::string extensions;
  std::string surplus;
  unsigned shard = 0;
  int receive_buffer = 0;  // bytes; 0: the system's
};

class House {
 public:
  explicit House(Limits limits = quick_limits(), unsigned shards = 2)
      : shards{shards}, gates(shards), hub{std::make_unique<Hub>(this->shards, limits)} {
    for (unsigned i = 0; i < shards; ++i) hub->set_gate(i, gates[i]);
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error{"no listening socket"};
    }
    address_ = address;
    this->shards.start();
  }
  ~House() {
    ::close(listener_);
    hub.reset();
    shards.stop();
  }

  static Limits quick_limits() {
    Limits limits;
    limits.sweep_every = std::chrono::milliseconds{20};
    limits.close_time = std::chrono::milliseconds{500};
    return limits;
  }

  // A connection whose head the server has read; the answer is still to come.
  Peer dial(const Offer& offer) {
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    if (offer.receive_buffer > 0) {
      ::setsockopt(client, SOL_SOCKET, SO_RCVBUF, &offer.receive_buffer,
                   sizeof offer.receive_buffer);
    }
    auto address = address_;
    if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error{"cannot connect"};
    }
    const int server = ::accept(listener_, nullptr, nullptr);
    shards.post(offer.shard, [this, offer, server] {
      http::Upgrade upgrade{
          http::Socket{shards[offer.shard].executor(), boost::asio::ip::tcp::v4(), server},
          offer.surplus,
          "dGhlIHNhbXBsZSBub25jZQ==",
          offer.protocols,
          offer.extensions,
          "/ws?token=" + offer.token,
          {},
          {},
          {},
          boost::asio::ip::address_v4::loopback()};
      hub->accept(offer.shard, std::move(upgrade));
    });
    return Peer{client};
  }

  // The same behind its handshake.
  Peer open(const Offer& offer) {
    Peer peer = dial(offer);
    head = peer.read_head();
    return peer;
  }

  // The same behind its welcome.
  Peer enter(const Offer& offer) {
    Peer peer = open(offer);
    welcome = peer.next();
    return peer;
  }
  Peer enter(const std::string& token, unsigned shard = 0) {
    Offer offer;
    offer.token = token;
    offer.shard = shard;
    return enter(offer);
  }

  // Waits until all that was posted before has been done, on every shard and between them.
  void settle() {
    for (int round = 0; round < 3; ++round) {
      for (unsigned i = 0; i < shards.size(); ++i) {
        std::atomic<bool> done = false;
        shards.post(i, [&done] {
          done = true;
          done.notify_one();
        });
        done.wait(false);
      }
    }
  }

  async::Shards shards;
  std::deque<TokenGate> gates;
  std::unique_ptr<Hub> hub;
  std::string head;      // of the last one that opened
  json::object welcome;  // of the last one that entered

 private:
  int listener_ = -1;
  sockaddr_in address_{};
};

// Says it, and returns the answer, passing over channel messages.
inline json::object ask(Peer& peer, std::string_view text, std::string_view answer_type) {
  peer.say(text);
  return peer.next_of(answer_type);
}

inline json::object subscribe(Peer& peer, const std::string& channel) {
  return ask(peer, "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel + "\"}",
             "subscribed");
}

inline json::object resume(Peer& peer, const std::string& channel, const std::string& epoch,
                           std::int64_t seq) {
  return ask(peer,
             "{\"type\":\"subscribe\",\"id\":1,\"channel\":\"" + channel +
                 "\",\"since\":{\"epoch\":\"" + epoch + "\",\"seq\":" + std::to_string(seq) + "}}",
             "subscribed");
}

inline std::string text(const json::object& object, std::string_view name) {
  return json::value_to<std::string>(object.at(json::string_view{name.data(), name.size()}));
}
inline std::int64_t number(const json::object& object, std::string_view name) {
  return object.at(json::string_view{name.data(), name.size()}).to_number<std::int64_t>();
}

}  // namespace wildnout::ws::test
