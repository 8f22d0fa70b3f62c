// What the server spends of its own on a request: parsing the head, writing the answer, coding it.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "platform/http/answer.hpp"
#include "platform/http/parser.hpp"

namespace wildnout::http {
namespace {

// A browser's request with a bearer token: 9 fields, 1.2 KB.
std::string usual_head() {
  return "GET /api/v1/battles/0198aabb-ccdd-7eef-8123-456789abcdef HTTP/1.1\r\n"
         "Host: localhost:8080\r\nAccept: application/json, text/plain, */*\r\n"
         "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n"
         "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537\r\n"
         "Referer: https://wildnout.example/battles\r\nOrigin: https://wildnout.example\r\n"
         "Cookie: theme=dark\r\nAuthorization: Bearer " +
         std::string(760, 't') + "\r\n\r\n";
}

std::string list_body(std::size_t bytes) {
  std::string body = "[";
  while (body.size() < bytes) {
    body += R"({"id":")" + std::to_string(body.size() * 104'729) + R"(","voteCount":)" +
            std::to_string(body.size() % 97) + "},";
  }
  return body;
}

void parse_head(benchmark::State& state) {
  const std::string head = usual_head();
  RequestParser parser{{16 * 1024, 8 * 1024, 64, 1024 * 1024}};
  for (auto _ : state) {
    parser.reset();
    benchmark::DoNotOptimize(parser.parse_head(head.data(), head.size()));
    benchmark::DoNotOptimize(parser.header(head.data(), "Authorization"));
  }
}
BENCHMARK(parse_head);

void write_small_answer(benchmark::State& state) {
  Compressor compressor{on_its_way};
  Response response;
  response.body = std::string(100, 'x');
  Envelope envelope;
  envelope.common_lines = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nAPI-Version: 1\r\n";
  envelope.request_id = "0198aabb-ccdd-7eef-8123-456789abcdef";
  envelope.accept_encoding = "gzip, deflate, br";
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(write_answer(response, envelope, compressor, out));
  }
}
BENCHMARK(write_small_answer);

void gzip_body(benchmark::State& state) {
  const std::string body = list_body(static_cast<std::size_t>(state.range(0)));
  Compressor compressor{on_its_way};
  std::size_t size = 0;
  for (auto _ : state) size = compressor.gzip(body).size();
  state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(gzip_body)->Arg(2'000)->Arg(20'000)->Arg(200'000);

void brotli_body(benchmark::State& state) {
  const std::string body = list_body(static_cast<std::size_t>(state.range(0)));
  const Compressor compressor{on_its_way};
  std::size_t size = 0;
  for (auto _ : state) size = compressor.brotli(body).size();
  state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(brotli_body)->Arg(2'000)->Arg(20'000)->Arg(200'000);

}  // namespace
}  // namespace wildnout::http

BENCHMARK_MAIN();
