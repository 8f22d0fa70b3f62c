// Bringing the public documents to the check, from a server or from files.
#include "app/verify_results.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "battles/verification.hpp"
#include "platform/async/task.hpp"
#include "platform/http/client.hpp"
#include "platform/json/json.hpp"

namespace wildnout::app {
namespace {

using battles::Uncheckable;
using battles::Verification;

constexpr int holds = 0;
constexpr int does_not_hold = 1;
constexpr int not_checked = 2;
constexpr std::size_t most_answer_bytes = 64 * 1024 * 1024;  // a ranking of 10,000 has 5 MiB
constexpr std::size_t longest_line_bytes = 64 * 1024;
constexpr std::chrono::minutes longest_transfer{30};
constexpr int most_entry_pages = 1000;  // of 100

std::ifstream open_file(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  if (!file) throw Uncheckable{"cannot read " + name};
  return file;
}

std::string read_file(const std::string& name) {
  std::ifstream file = open_file(name);
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

// Cuts what arrives into lines.
class LineCutter {
 public:
  explicit LineCutter(Verification& verification) : verification_{verification} {}

  void add(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
      if (rest_.empty()) {
        take(bytes.substr(0, end));
      } else {
        rest_.append(bytes.substr(0, end));
        take(rest_);
        rest_.clear();
      }
      bytes.remove_prefix(end + 1);
    }
    if (rest_.size() < longest_line_bytes) rest_.append(bytes);
  }
  void finish() {
    if (!rest_.empty()) take(rest_);
  }

 private:
  void take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) verification_.take_ballot(line);
  }

  Verification& verification_;
  std::string rest_;
};

battles::Findings verify_files(const VerifyOptions& options) {
  if (options.ballots_file.empty()) throw Uncheckable{"--file needs --ballots beside it"};
  Verification verification{read_file(options.results_file)};
  if (!options.battle_file.empty()) verification.take_battle(read_file(options.battle_file));
  for (const std::string& page : options.entries_files) verification.take_entries(read_file(page));
  if (!options.proof_file.empty()) verification.take_proof(read_file(options.proof_file));
  std::ifstream ballots = open_file(options.ballots_file);
  LineCutter lines{verification};
  std::vector<char> buffer(256 * 1024);
  while (ballots) {
    ballots.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    lines.add({buffer.data(), static_cast<std::size_t>(ballots.gcount())});
  }
  lines.finish();
  return verification.finish();
}

// Reads the public documents of one battle from a server.
class Remote {
 public:
  Remote(Executor executor, std::string url) : client_{executor}, url_{std::move(url)} {
    while (url_.ends_with('/')) url_.pop_back();
  }

  [[nodiscard]] Task<std::string> get(std::string rest) {
    http::ClientRequest request = asking_for(rest);
    request.answer_bytes = most_answer_bytes;
    const http::ClientResponse answer = co_await client_.fetch(std::move(request));
    require_success(rest, answer);
    co_return answer.body;
  }

  [[nodiscard]] Task<> get_lines(std::string rest, LineCutter& lines) {
    http::ClientRequest request = asking_for(rest);
    request.on_body = [&lines](std::string_view bytes) { lines.add(bytes); };
    const http::ClientResponse answer = co_await client_.fetch(std::move(request));
    require_success(rest, answer);
    lines.finish();
  }

 private:
  [[nodiscard]] http::ClientRequest asking_for(const std::string& rest) const {
    http::ClientRequest request;
    request.url = url_ + rest;
    request.total_time = longest_transfer;
    request.allows_plain_http = true;
    return request;
  }

  void require_success(const std::string& rest, const http::ClientResponse& answer) const {
    if (answer.status == 200) return;
    throw Uncheckable{url_ + rest + " answers " + std::to_string(answer.status) + ": " +
                      answer.body.substr(0, 300)};
  }

  http::Client client_;
  std::string url_;
};

std::optional<std::string> text_member(const std::string& text, std::string_view name) {
  const json::Document document{text};
  const json::Value found = document.root().find(name);
  if (!found || found.kind() != json::Kind::string) return std::nullopt;
  return std::string{found.text()};
}

Task<> take_all_entries(Remote& remote, Verification& verification) {
  std::string rest = "/entries?limit=100";
  for (int page = 0; page < most_entry_pages; ++page) {
    const std::string text = co_await remote.get(rest);
    verification.take_entries(text);
    const auto next = text_member(text, "nextCursor");
    if (!next) co_return;
    rest = "/entries?limit=100&cursor=" + *next;
  }
}

Task<> verify_remote(Executor executor, const VerifyOptions& options, battles::Findings& out) {
  Remote remote{executor, options.url};
  const std::string results = co_await remote.get("/results");
  Verification verification{results};
  verification.take_battle(co_await remote.get(""));
  co_await take_all_entries(remote, verification);
  if (!options.proof_file.empty()) verification.take_proof(read_file(options.proof_file));
  LineCutter lines{verification};
  co_await remote.get_lines("/ballots", lines);
  out = verification.finish();
  const std::string again = co_await remote.get("/results");
  if (text_member(again, "ballotsHash") != text_member(results, "ballotsHash")) {
    throw Uncheckable{"the battle was counted again meanwhile; run this again"};
  }
}

battles::Findings verify_url(const VerifyOptions& options) {
  boost::asio::io_context context{1};
  battles::Findings findings;
  std::exception_ptr fault;
  boost::asio::co_spawn(context, verify_remote(context.get_executor(), options, findings),
                        [&fault](std::exception_ptr thrown) { fault = thrown; });
  context.run();
  if (fault) std::rethrow_exception(fault);
  return findings;
}

int report(const battles::Findings& findings) {
  for (const std::string& words : findings.holds) std::cout << "holds: " << words << '\n';
  for (const std::string& words : findings.notes) std::cout << "note: " << words << '\n';
  for (const std::string& words : findings.faults) std::cout << "FAULT: " << words << '\n';
  const bool is_sound = findings.faults.empty();
  std::cout << (is_sound ? "The result holds.\n" : "The result does NOT hold.\n");
  return is_sound ? holds : does_not_hold;
}

}  // namespace

int verify_results(const VerifyOptions& options) {
  try {
    if (options.url.empty() == options.results_file.empty()) {
      throw Uncheckable{"name the battle's URL, or --file and --ballots"};
    }
    return report(options.url.empty() ? verify_files(options) : verify_url(options));
  } catch (const std::exception& why) {
    std::cerr << "could not be checked: " << why.what() << '\n';
    return not_checked;
  }
}

}  // namespace wildnout::app
