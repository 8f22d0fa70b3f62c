// Listening, the sweep of deadlines, and the graceful end.
#include "platform/http/server.hpp"

#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/system/system_error.hpp>
#include <sstream>
#include <vector>

#include "platform/http/core.hpp"
#include "platform/log/log.hpp"

namespace wildnout::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int backlog = 4096;
// After an accept that failed (most likely out of file descriptors), before the next one.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::milliseconds drain_poll{10};

}  // namespace

struct Server::State {
  State(Executor executor, Handler& handler, Limits limits, Surroundings surroundings)
      : core{std::make_shared<Core>(executor, handler, limits, std::move(surroundings))},
        acceptor{executor},
        sweep_timer{executor} {}

  std::shared_ptr<Core> core;  // shared with the connections
  Acceptor acceptor;
  Timer sweep_timer;

  // Each completion looks at the core first: with no handler there, this object is gone.
  void sweep_later() {
    sweep_timer.expires_after(Core::sweep_interval);
    sweep_timer.async_wait([this, held = core](error_code) {
      if (held->handler == nullptr) return;
      held->sweep();
      sweep_later();
    });
  }

  void accept_next() {
    acceptor.async_accept(peer_, [this, held = core](error_code error, Socket socket) {
      if (held->handler == nullptr) return;
      if (!error) welcome(std::move(socket));
      if (!acceptor.is_open()) return;
      if (error) return pause_accepting(error);
      accept_next();
    });
  }

  // Closing the acceptor resets the connections that wait in its queue, and their requests.
  void accept_waiting() {
    error_code error;
    acceptor.non_blocking(true, error);
    while (!error) {
      Socket socket{core->executor};
      acceptor.accept(socket, peer_, error);
      if (!error) welcome(std::move(socket));
    }
  }

 private:
  void welcome(Socket socket) {
    ++core->counts.accepted;
    if (core->connections.size() >= core->limits.connections) return;  // closes it
    auto connection = std::make_unique<Connection>(core, std::move(socket), peer_.address());
    async::spawn(core->executor, "http", Connection::serve(std::move(connection)));
  }

  void pause_accepting(error_code error) {
    log::warn("cannot accept a connection", {{"why", error.message()}});
    accept_timer_.expires_after(accept_pause);
    accept_timer_.async_wait([this, held = core](error_code) {
      if (held->handler != nullptr && acceptor.is_open()) accept_next();
    });
  }

  asio::ip::tcp::endpoint peer_;  // of the connection being accepted
  Timer accept_timer_{core->executor};
};

Server::Server(Executor executor, Handler& handler, Limits limits, Surroundings surroundings)
    : state_{std::make_unique<State>(executor, handler, limits, std::move(surroundings))} {
  state_->sweep_later();
}

Server::~Server() {
  state_->core->handler = nullptr;
  for (Connection& connection : state_->core->connections) connection.end();
}

void Server::listen(const asio::ip::tcp::endpoint& at) {
  Acceptor& acceptor = state_->acceptor;
  try {
    acceptor.open(at.protocol());
    acceptor.set_option(asio::socket_base::reuse_address{true});
    acceptor.set_option(ReusePort{true});
    acceptor.set_option(asio::ip::tcp::no_delay{true});  // accepted sockets inherit it
    acceptor.bind(at);
    acceptor.listen(backlog);
  } catch (const boost::system::system_error& error) {
    std::ostringstream address;
    address << at;
    throw boost::system::system_error{error.code(), "cannot listen on " + address.str()};
  }
  state_->accept_next();
}

asio::ip::tcp::endpoint Server::local_endpoint() const { return state_->acceptor.local_endpoint(); }

Task<> Server::drain(Clock::time_point deadline) {
  State& state = *state_;
  error_code ignored;
  state.core->is_draining = true;
  state.accept_waiting();
  state.acceptor.close(ignored);
  for (Connection& connection : state.core->connections) connection.end_if_idle();
  while (!state.core->connections.empty() && Clock::now() < deadline) {
    co_await async::sleep_for(drain_poll);
  }
  for (Connection& connection : state.core->connections) connection.end();
}

std::size_t Server::connections() const { return state_->core->connections.size(); }

}  // namespace wildnout::http
