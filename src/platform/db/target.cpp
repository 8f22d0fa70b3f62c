// Puts the address and the settings together into libpq's connection options.
#include "platform/db/target.hpp"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace wildnout::db {
namespace {

// The server ends a statement at its time limit; one that has not said so by then has gone deaf.
constexpr std::chrono::milliseconds answer_grace{2000};

constexpr const char* by_index_alone =
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

std::map<std::string, std::string> parse(const std::string& url) {
  char* fault = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(url.c_str(), &fault), &PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> message{fault, &PQfreemem};
  if (!parsed) {
    throw std::invalid_argument{"the database address cannot be read: " +
                                std::string{message ? message.get() : "out of memory"}};
  }
  std::map<std::string, std::string> options;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options[option->keyword] = option->val;
  }
  return options;
}

// A value on the server's command line: blanks and backslashes are escaped.
std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string session_settings(const Settings& settings) {
  const auto milliseconds = [](std::chrono::milliseconds time) {
    return std::to_string(time.count());
  };
  const std::pair<const char*, std::string> values[] = {
      {"search_path", settings.search_path},
      {"statement_timeout", milliseconds(settings.statement_timeout)},
      {"idle_in_transaction_session_timeout", milliseconds(settings.idle_in_transaction_timeout)},
      {"default_transaction_isolation", "read committed"},
      // Compiling a plan takes far longer than these queries, and all behind it in a pipeline wait.
      {"jit", "off"},
      {"timezone", "UTC"},
  };
  std::string out;
  if (!settings.role.empty()) out += " -c role=" + escaped(settings.role);
  for (const auto& [name, value] : values) out += std::string{" -c "} + name + "=" + escaped(value);
  return out;
}

}  // namespace

Target target_of(const Settings& settings, Planning planning) {
  std::map<std::string, std::string> options = parse(settings.url);
  options["application_name"] = settings.application_name;
  options["client_encoding"] = "UTF8";
  // A peer that vanished without a word: unanswered data counts after 15 s, silence after 60 s.
  options.try_emplace("tcp_user_timeout", "15000");
  options.try_emplace("keepalives_idle", "30");
  options.try_emplace("keepalives_interval", "10");
  options.try_emplace("keepalives_count", "3");
  if (!settings.transaction_pooler) {
    options["options"] += session_settings(settings);
    if (planning == Planning::by_index) options["options"] += by_index_alone;
  }
  Target target{{},
                settings.transaction_pooler,
                settings.pipeline_limit,
                settings.connect_timeout,
                settings.statement_timeout + answer_grace};
  target.options.assign(options.begin(), options.end());
  return target;
}

}  // namespace wildnout::db
