// What the router costs a request, without the server: a hundred routes, requests made once.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/describe/class.hpp>

#include "platform/api/router.hpp"
#include "support/request.hpp"

namespace wildnout {
namespace {

struct Thing {
  Uuid id;
  Text<3, 120> title;
  std::optional<Timestamp> ends_at;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, title, ends_at))

struct ListThings {
  std::optional<std::string> q;
  api::Limit limit;
};
BOOST_DESCRIBE_STRUCT(ListThings, (), (q, limit))

class Doorman final : public api::Authenticator {
 public:
  Task<std::optional<api::Caller>> authenticate(const http::Request&) override {
    co_return std::nullopt;
  }
};

constexpr int other_routes = 96;
constexpr int batch = 256;  // requests a coroutine, so that starting one does not count
constexpr std::string_view id = "0198c0de-0000-7000-8000-000000000001";

class Bench {
 public:
  Bench() {
    for (int i = 0; i < other_routes; ++i) {
      router_.get(
          "/kinds" + std::to_string(i / 4) + "/{id}/part" + std::to_string(i % 4),
          [](api::Anyone, api::Path<Uuid>) -> Task<api::NoContent> { co_return api::NoContent{}; });
    }
    const auto body =
        std::make_shared<const http::SharedBody>(http::SharedBody{std::string(1800, 'x'), {}, {}});
    router_.get("/things/{id}",
                [body](std::optional<api::Caller>, api::Path<Uuid>) -> Task<api::Ready<Thing>> {
                  co_return api::Ready<Thing>{body, "v1"};
                });
    router_.get("/things", [](api::Anyone, api::Query<ListThings>) -> Task<api::Page<Thing>> {
      co_return api::Page<Thing>{};
    });
    router_.post("/things", [](api::Anyone, api::Body<Thing> thing) -> Task<Thing> {
      co_return std::move(thing.value);
    });
  }

  void run(benchmark::State& state, http::Request& request) {
    for (auto step : state) {
      (void)step;
      boost::asio::co_spawn(context_.get_executor(), many(request), [](std::exception_ptr) {});
      context_.run();
      context_.restart();
    }
    state.SetItemsProcessed(state.iterations() * batch);
  }

 private:
  Task<> many(http::Request& request) {
    for (int i = 0; i < batch; ++i) {
      http::Response response = co_await router_.answer(request);
      benchmark::DoNotOptimize(response);
    }
  }

  boost::asio::io_context context_{1};
  Doorman doorman_;
  db::Database database_{context_.get_executor(), {.url = "host=/nowhere"}};
  api::Router router_{doorman_, database_};
};

void ready_bytes_by_id(benchmark::State& state) {
  testing::HandMadeRequest request{http::Method::get, "/api/v1/things/" + std::string{id}};
  Bench{}.run(state, request);
}
BENCHMARK(ready_bytes_by_id);

void list_with_query(benchmark::State& state) {
  testing::HandMadeRequest request{http::Method::get, "/api/v1/things?q=abc&limit=50"};
  Bench{}.run(state, request);
}
BENCHMARK(list_with_query);

void body_read_and_written(benchmark::State& state) {
  testing::HandMadeRequest request{
      http::Method::post, "/api/v1/things",
      R"({"id":")" + std::string{id} +
          R"(","title":"A title","endsAt":"2026-11-22T10:00:00.000Z"})"};
  Bench{}.run(state, request);
}
BENCHMARK(body_read_and_written);

void unknown_path(benchmark::State& state) {
  testing::HandMadeRequest request{http::Method::get, "/api/v1/nothing/here"};
  Bench{}.run(state, request);
}
BENCHMARK(unknown_path);

}  // namespace
}  // namespace wildnout

BENCHMARK_MAIN();
