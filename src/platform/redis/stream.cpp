// Opening streams, over Asio and OpenSSL (Debian's hiredis 0.14 has no TLS of its own).
#include "platform/redis/stream.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace wildnout::redis {
namespace {

namespace asio = boost::asio;
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

class PlainStream final : public Stream {
 public:
  explicit PlainStream(Executor executor) : socket{executor} {}

  void read_some(asio::mutable_buffer into, Done done) override {
    socket.async_read_some(into, std::move(done));
  }
  void write(asio::const_buffer bytes, Done done) override {
    asio::async_write(socket, bytes, std::move(done));
  }
  void close() override {
    boost::system::error_code gone;
    socket.close(gone);
  }

  Socket socket;
};

class TlsStream final : public Stream {
 public:
  TlsStream(Executor executor, const Target& target)
      : context{asio::ssl::context::tls_client}, stream{executor, context} {
    context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    if (target.authority_file.empty()) {
      context.set_default_verify_paths();
    } else {
      context.load_verify_file(target.authority_file);
    }
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification{target.host});
    SSL_set_tlsext_host_name(stream.native_handle(), target.host.c_str());
  }

  void read_some(asio::mutable_buffer into, Done done) override {
    stream.async_read_some(into, std::move(done));
  }
  void write(asio::const_buffer bytes, Done done) override {
    asio::async_write(stream, bytes, std::move(done));
  }
  void close() override {
    boost::system::error_code gone;
    stream.next_layer().close(gone);
  }

  asio::ssl::context context;
  asio::ssl::stream<Socket> stream;
};

// Whoever takes too long to open is closed, which ends the wait.
class Patience {
 public:
  Patience(Executor executor, std::chrono::milliseconds limit, std::function<void()> end)
      : timer_{executor, limit} {
    timer_.async_wait([end = std::move(end)](const boost::system::error_code& error) {
      if (!error) end();
    });
  }

 private:
  Timer timer_;
};

Task<> connect(Socket& socket, const Target& target, Resolver& resolver) {
  if (target.host.empty()) {
    const asio::local::stream_protocol::endpoint at{target.socket_path};
    co_await socket.async_connect(asio::generic::stream_protocol::endpoint{at}, use_task);
    co_return;
  }
  const auto found = co_await resolver.async_resolve(target.host, target.port, use_task);
  std::exception_ptr fault;
  for (const auto& entry : found) {
    try {
      if (socket.is_open()) socket.close();
      const asio::generic::stream_protocol::endpoint at{entry.endpoint()};
      co_await socket.async_connect(at, use_task);
      socket.set_option(asio::ip::tcp::no_delay{true});
      co_return;
    } catch (const boost::system::system_error&) {
      fault = std::current_exception();
    }
  }
  if (fault) std::rethrow_exception(fault);
  throw std::runtime_error{"its name has no address"};
}

}  // namespace

Task<std::shared_ptr<Stream>> open_stream(Executor executor, const Target& target,
                                          std::chrono::milliseconds timeout,
                                          std::function<void()>& give_up) {
  // Shared with their handlers, and with whoever ends the attempt.
  auto resolver = std::make_shared<Resolver>(executor);
  if (!target.has_tls) {
    auto plain = std::make_shared<PlainStream>(executor);
    give_up = [plain, resolver] {
      resolver->cancel();
      plain->close();
    };
    const Patience patience{executor, timeout, give_up};
    co_await connect(plain->socket, target, *resolver);
    co_return plain;
  }
  auto tls = std::make_shared<TlsStream>(executor, target);
  give_up = [tls, resolver] {
    resolver->cancel();
    tls->close();
  };
  const Patience patience{executor, timeout, give_up};
  co_await connect(tls->stream.next_layer(), target, *resolver);
  co_await tls->stream.async_handshake(asio::ssl::stream_base::client, use_task);
  co_return tls;
}

}  // namespace wildnout::redis
