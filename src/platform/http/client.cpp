// libcurl's multi interface driven by Asio: it names sockets and a timer, Asio waits for them.
#include "platform/http/client.hpp"

#include <curl/curl.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <unordered_map>
#include <unordered_set>

#include "platform/async/signal.hpp"
#include "platform/http/head.hpp"

namespace wildnout::http {

namespace asio = boost::asio;
using boost::system::error_code;
using Reason = ClientError::Reason;

namespace {

using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

constexpr std::chrono::milliseconds wake_margin{1'000};
constexpr long most_kept_connections = 16;

struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct EasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

// One fetch. Lives in the frame of its coroutine.
struct Transfer {
  ClientRequest request;
  ClientResponse response;
  std::unique_ptr<CURL, EasyFree> easy{curl_easy_init()};
  std::unique_ptr<curl_slist, ListFree> headers;
  async::Signal done;
  std::optional<CURLcode> result;
  bool is_too_large = false;
  bool is_stopped = false;
  char error_text[CURL_ERROR_SIZE] = {};
};

// What a socket that curl named waits for.
struct Watch {
  Watch(Executor executor, curl_socket_t socket) : descriptor{executor, socket} {}
  // curl closes its sockets itself.
  ~Watch() { descriptor.release(); }

  Descriptor descriptor;
  int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT or both
  bool is_reading = false;
  bool is_writing = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* to) {
  auto& transfer = *static_cast<Transfer*>(to);
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (transfer.request.on_body && status / 100 == 2) {
    transfer.request.on_body({bytes, size});
    return size;
  }
  if (transfer.response.body.size() + size > transfer.request.answer_bytes) {
    transfer.is_too_large = true;
    return 0;  // curl ends the transfer
  }
  transfer.response.body.append(bytes, size);
  return size;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t size, void* to) {
  auto& response = static_cast<Transfer*>(to)->response;
  std::string_view line{bytes, size};
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) response.headers.clear();  // another hop, or behind a 100
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
    const std::size_t value_at = line.find_first_not_of(" \t", colon + 1);
    response.headers.emplace_back(line.substr(0, colon), value_at == std::string_view::npos
                                                             ? std::string_view{}
                                                             : line.substr(value_at));
  }
  return size;
}

// Throws what a failed transfer means.
[[noreturn]] void report(const Transfer& transfer) {
  const CURLcode code = *transfer.result;
  const std::string what =
      transfer.error_text[0] != '\0' ? std::string{transfer.error_text} : curl_easy_strerror(code);
  switch (static_cast<int>(code)) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      throw ClientError{Reason::bad_url, what};
    case CURLE_OPERATION_TIMEDOUT:
      throw ClientError{Reason::timed_out, what};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
      throw ClientError{Reason::untrusted, what};
    case CURLE_TOO_MANY_REDIRECTS:
      throw ClientError{Reason::too_many_redirects, what};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
      throw ClientError{Reason::malformed_answer, what};
    default:
      throw ClientError{Reason::unreachable, what};
  }
}

void prepare(Transfer& transfer) {
  const ClientRequest& request = transfer.request;
  CURL* easy = transfer.easy.get();
  if (easy == nullptr) throw std::bad_alloc{};
  const char* protocols = request.allows_plain_http ? "http,https" : "https";
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(request.connect_time.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_time.count()));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request.redirects));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that curl can decode
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "wildnout");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  const bool has_body_by_method =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_body_by_method || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  // Empty: curl's own `Expect: 100-continue` would cost a round trip.
  curl_slist* lines = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    lines = curl_slist_append(lines, (name + ": " + value).c_str());
  }
  transfer.headers.reset(lines);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
}

// Once for the process, before the first handle.
void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
}

}  // namespace

struct Client::State : std::enable_shared_from_this<State> {
  explicit State(Executor executor_) : executor{executor_}, timer{executor_} {
    start_curl();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::bad_alloc{};
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &State::on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &State::on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most_kept_connections);
  }
  ~State() {
    is_stopped = true;
    watches.clear();  // before curl closes the sockets
    curl_multi_cleanup(multi);
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    static_cast<State*>(self)->watch(socket, what);
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    static_cast<State*>(self)->set_timer(milliseconds);
    return 0;
  }

  void watch(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE || is_stopped) {
      watches.erase(socket);
      return;
    }
    auto& entry = watches[socket];
    if (!entry) entry = std::make_shared<Watch>(executor, socket);
    entry->wanted = what;
    wait(socket, entry);
  }

  void wait(curl_socket_t socket, const std::shared_ptr<Watch>& watched) {
    if ((watched->wanted & CURL_POLL_IN) != 0 && !watched->is_reading) {
      watched->is_reading = true;
      wait_for(socket, watched, Descriptor::wait_read);
    }
    if ((watched->wanted & CURL_POLL_OUT) != 0 && !watched->is_writing) {
      watched->is_writing = true;
      wait_for(socket, watched, Descriptor::wait_write);
    }
  }

  void wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watched,
                Descriptor::wait_type type) {
    const bool is_read = type == Descriptor::wait_read;
    watched->descriptor.async_wait(type, [self = shared_from_this(), socket, is_read,
                                          weak = std::weak_ptr{watched}](error_code error) {
      const auto still = weak.lock();
      if (!still) return;  // curl has let go of the socket
      (is_read ? still->is_reading : still->is_writing) = false;
      int events = is_read ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
      if (error) events = CURL_CSELECT_ERR;
      self->act(socket, events);
      const auto now = self->watches.find(socket);
      if (now != self->watches.end() && now->second == still) self->wait(socket, still);
    });
  }

  void set_timer(long milliseconds) {
    timer.cancel();
    if (milliseconds < 0 || is_stopped) return;
    // Also for 0: curl may not be called from within its own callback.
    timer.expires_after(std::chrono::milliseconds{milliseconds});
    timer.async_wait([self = shared_from_this()](error_code error) {
      if (!error) self->act(CURL_SOCKET_TIMEOUT, 0);
    });
  }

  void act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi, socket, events, &running);
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      char* to = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &to);
      auto& transfer = *reinterpret_cast<Transfer*>(to);
      transfer.result = message->data.result;
      transfer.done.raise();
    }
  }

  void stop() {
    is_stopped = true;
    timer.cancel();
    for (Transfer* transfer : transfers) {
      transfer->is_stopped = true;
      transfer->done.raise();
    }
  }

  static Task<ClientResponse> run(std::shared_ptr<State> state, ClientRequest request);

  Executor executor;
  CURLM* multi = nullptr;
  Timer timer;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches;  // shared with their waits
  std::unordered_set<Transfer*> transfers;
  bool is_stopped = false;  // nothing is waited for any more
};

Task<ClientResponse> Client::State::run(std::shared_ptr<State> state, ClientRequest request) {
  if (state->transfers.size() >= most_under_way) {
    throw ClientError{Reason::busy, "too many requests under way"};
  }
  Transfer transfer;
  transfer.request = std::move(request);
  prepare(transfer);
  // Taken out again however this coroutine ends, by its destruction too.
  struct Membership {
    State& state;
    Transfer& transfer;
    ~Membership() {
      curl_multi_remove_handle(state.multi, transfer.easy.get());
      state.transfers.erase(&transfer);
    }
  };
  const Membership membership{*state, transfer};
  state->transfers.insert(&transfer);
  curl_multi_add_handle(state->multi, transfer.easy.get());
  co_await transfer.done.wait_for(transfer.request.total_time + wake_margin);

  if (transfer.is_stopped) throw ClientError{Reason::stopped, "the client is being destroyed"};
  if (transfer.is_too_large) throw ClientError{Reason::answer_too_large, "answer too large"};
  if (!transfer.result) throw ClientError{Reason::timed_out, "no answer in time"};
  if (*transfer.result != CURLE_OK) report(transfer);
  long status = 0;
  curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<std::uint16_t>(status);
  co_return std::move(transfer.response);
}

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_word(key, name)) return value;
  }
  return std::nullopt;
}

Client::Client(Executor executor) : state_{std::make_shared<State>(executor)} {}

Client::~Client() { state_->stop(); }

Task<ClientResponse> Client::fetch(ClientRequest request) {
  return State::run(state_, std::move(request));
}

}  // namespace wildnout::http
