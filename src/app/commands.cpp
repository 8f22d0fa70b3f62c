// Parsing the command line, and the small subcommands.
#include "app/commands.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "app/app.hpp"
#include "app/doctor.hpp"
#include "app/serving.hpp"
#include "platform/async/task.hpp"
#include "platform/db/migrations.hpp"
#include "platform/json/json.hpp"

namespace wildnout::app {

// What `wildnout token` asks of a running server.
struct TokenWish {
  Omittable<std::string> username;
  Omittable<std::string> user_id;
  Omittable<std::vector<std::string>> roles;
  Omittable<std::int64_t> ttl_seconds;
};
BOOST_DESCRIBE_STRUCT(TokenWish, (), (username, user_id, roles, ttl_seconds))

namespace {

constexpr int failed = 1;
constexpr int misused = 2;

using Flags = std::map<std::string, std::string>;

void print(const std::string& text) { std::cout << text << '\n'; }

// Every setting as an option of a subcommand; what was given lands in `flags`.
void add_settings(CLI::App& command, Flags& flags) {
  for (const Flag& flag : configuration_flags()) {
    if (flag.name == "demo") {  // the one that is said by being there
      command
          .add_flag_callback(
              "--demo", [&flags] { flags["demo"] = "on"; }, flag.meaning)
          ->group("Settings");
      continue;
    }
    command
        .add_option_function<std::string>(
            "--" + flag.name,
            [&flags, name = flag.name](const std::string& value) { flags[name] = value; },
            flag.meaning)
        ->group("Settings");
  }
}

int migrate_up(const Flags& flags) {
  const auto configuration = load(Sources::of_process(flags), Purpose::database);
  const int applied = db::apply_migrations(configuration.database_url.reveal());
  print(std::to_string(applied) + " migrations applied");
  return 0;
}

int migrate_status(const Flags& flags) {
  const auto configuration = load(Sources::of_process(flags), Purpose::database);
  for (const auto& state : db::migration_states(configuration.database_url.reveal())) {
    const std::string when = state.applied_at ? text_of(*state.applied_at) : "not applied";
    print(std::to_string(state.version) + "  " + state.name + "  " + when);
  }
  return 0;
}

int print_configuration(const Flags& flags) {
  print(load(Sources::of_process(flags), Purpose::inspect).describe());
  return 0;
}

// Asks the development issuer of a running server.
int print_token(const std::string& url, TokenWish wish) {
  boost::asio::io_context context{1};
  std::string token;
  auto ask = [&]() -> Task<> {
    http::Client client{context.get_executor()};
    http::ClientRequest request;
    request.method = "POST";
    request.url = url + "/dev/token";
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = json::text_of(wish);
    request.allows_plain_http = true;
    const http::ClientResponse answer = co_await client.fetch(std::move(request));
    if (answer.status != 200) {
      throw std::runtime_error{"the server answered " + std::to_string(answer.status) + ": " +
                               answer.body};
    }
    const json::Document body{answer.body};
    token = json::read<std::string>(body.root().find("token"));
  };
  std::exception_ptr fault;
  boost::asio::co_spawn(context, ask, [&](std::exception_ptr e) { fault = e; });
  context.run();
  if (fault) std::rethrow_exception(fault);
  print(token);
  return 0;
}

struct Parsed {
  Flags flags;
  ServeOptions serve;
  std::string url = "http://127.0.0.1:8080";
  std::string user_id;
  std::string username;
  std::vector<std::string> roles;
  std::int64_t ttl_seconds = 0;
};

TokenWish wish_of(const Parsed& parsed) {
  TokenWish wish;
  if (!parsed.user_id.empty()) wish.user_id = parsed.user_id;
  if (!parsed.username.empty()) wish.username = parsed.username;
  if (!parsed.roles.empty()) wish.roles = parsed.roles;
  if (parsed.ttl_seconds > 0) wish.ttl_seconds = parsed.ttl_seconds;
  return wish;
}

int run(CLI::App& root, int argc, char** argv) {
  Parsed parsed;
  CLI::App* serve = root.add_subcommand("serve", "Serve until SIGINT or SIGTERM");
  add_settings(*serve, parsed.flags);
  serve->add_flag("--no-migrate", parsed.serve.no_migrate, "Do not bring the schema up to date");
  CLI::App* migrate = root.add_subcommand("migrate", "The database's schema");
  migrate->require_subcommand(1);
  CLI::App* up = migrate->add_subcommand("up", "Bring it up to date");
  CLI::App* status = migrate->add_subcommand("status", "What is applied and what is to come");
  for (CLI::App* one : {up, status}) add_settings(*one, parsed.flags);
  CLI::App* openapi = root.add_subcommand("openapi", "Print the OpenAPI document");
  CLI::App* config = root.add_subcommand("config", "Print what is in force, and from where");
  add_settings(*config, parsed.flags);
  CLI::App* doctor = root.add_subcommand("doctor", "Check the deployment and name each fix");
  add_settings(*doctor, parsed.flags);
  CLI::App* token = root.add_subcommand("token", "A development token of a running server");
  token->add_option("--url", parsed.url, "The server")->capture_default_str();
  token->add_option("--user-id", parsed.user_id, "A user that exists; none makes one");
  token->add_option("--username", parsed.username, "Of a new user");
  token->add_option("--roles", parsed.roles, "Roles to grant")->delimiter(',');
  token->add_option("--ttl-seconds", parsed.ttl_seconds, "How long the token lives");
  root.require_subcommand(1);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return root.exit(error) == 0 ? 0 : misused;
  }
  if (serve->parsed()) return run_server(parsed.flags, parsed.serve);
  if (up->parsed()) return migrate_up(parsed.flags);
  if (status->parsed()) return migrate_status(parsed.flags);
  if (openapi->parsed()) return print_document();
  if (config->parsed()) return print_configuration(parsed.flags);
  if (doctor->parsed()) return examine(parsed.flags);
  return token->parsed() ? print_token(parsed.url, wish_of(parsed)) : misused;
}

}  // namespace

int run_command(int argc, char** argv) {
  CLI::App root{"wildnout: the backend of the Wild 'n Out battles"};
  try {
    return run(root, argc, argv);
  } catch (const ConfigurationError& error) {
    std::cerr << error.what() << '\n';
    return misused;
  } catch (const std::exception& error) {
    std::cerr << "wildnout: " << error.what() << '\n';
    return failed;
  }
}

}  // namespace wildnout::app
