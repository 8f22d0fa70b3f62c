// The checks, one after the other; what a later one needs is checked by an earlier.
#include "app/doctor.hpp"

#include <iostream>

#include "app/keys.hpp"
#include "app/process.hpp"
#include "app/protection.hpp"
#include "app/redis_settings.hpp"
#include "audit/checking.hpp"
#include "audit/head_file.hpp"
#include "audit/repository.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"
#include "platform/db/plain.hpp"
#include "platform/values/spelling.hpp"

namespace wildnout::app {
namespace {

class Examination {
 public:
  explicit Examination(Configuration configuration) : configuration_{std::move(configuration)} {}

  int run() {
    if (check("database", "start it, or mend DATABASE_URL", [this] { reach_database(); }) &&
        check("schema", "run wildnout migrate up", [this] { compare_schema(); })) {
      check("database role", "see \"The database's role\" in docs/operations.md",
            [this] { look_at_role(); });
      check("audit partitions", "run a node with the role worker, which makes them",
            [this] { look_at_partitions(); });
      check("audit trail",
            "see docs/audit.md; keep the database as it is for whoever looks into it",
            [this] { check_audit(); });
      check("sealed values",
            "list every key that values are under in ENCRYPTION_KEYS, see docs/data-protection.md",
            [this] { look_at_sealed_values(); });
    }
    if (!configuration_.redis_url.reveal().empty()) {
      check("redis", "start it, or mend REDIS_URL; the server goes on without it meanwhile",
            [this] { reach_redis(); });
    }
    std::cout << (faults_ == 0 ? "all is well\n" : std::to_string(faults_) + " faults\n");
    return faults_ == 0 ? 0 : 1;
  }

 private:
  template <class Look>
  bool check(const char* what, const char* fix, Look look) {
    try {
      look();
      std::cout << "ok     " << what << found_ << '\n';
      found_.clear();
      return true;
    } catch (const std::exception& fault) {
      ++faults_;
      std::cout << "FAULT  " << what << ": " << fault.what() << "\n       to mend it: " << fix
                << '\n';
      return false;
    }
  }

  static void expect(bool condition, const std::string& otherwise) {
    if (!condition) throw std::runtime_error{otherwise};
  }

  const std::string& url() const { return configuration_.database_url.reveal(); }

  void reach_database() {
    db::PlainConnection server{url()};
    found_ = ": PostgreSQL " + server.ask("SHOW server_version")[0][0];
  }

  void compare_schema() {
    for (const db::MigrationState& state : db::migration_states(url())) {
      expect(state.applied_at.has_value(), "migration " + state.name + " is not applied");
    }
  }

  void look_at_role() {
    db::PlainConnection server{url()};
    const auto role = server.ask(
        "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'wildnout_server'");
    expect(!role.empty(), "there is no role wildnout_server");
    expect(role[0][0] == "t", "the login of DATABASE_URL may not take on wildnout_server");
    const auto rights = server.ask(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'wildnout' AND c.relname LIKE 'audit\\_%' AND c.relkind IN ('r', 'p')"
        " AND has_table_privilege('wildnout_server', c.oid, 'UPDATE, DELETE, TRUNCATE')");
    expect(rights.empty(), "wildnout_server may change " + (rights.empty() ? "" : rights[0][0]));
  }

  void look_at_partitions() {
    db::PlainConnection server{url()};
    const auto next = server.ask(
        "SELECT to_regclass('wildnout.audit_log_' ||"
        " to_char((now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY_MM'))");
    expect(!next[0][0].empty(), "next month has no partition of audit_log");
  }

  void reach_redis() {
    constexpr std::chrono::seconds patience{3};
    boost::asio::io_context context{1};
    redis::Client client{context.get_executor(), redis_settings(configuration_)};
    const auto turn_until = [&](const auto& is_done) {
      const auto deadline = std::chrono::steady_clock::now() + patience;
      while (!is_done() && context.run_one_until(deadline) > 0) continue;
    };
    bool has_ended = false;
    boost::asio::co_spawn(context, client.run(), [&](std::exception_ptr) { has_ended = true; });
    turn_until([&] { return client.is_ready(); });
    std::optional<redis::Outcome> told;
    client.send(redis::Command{"INFO"}, patience,
                [&](redis::Outcome outcome) { told = std::move(outcome); });
    turn_until([&] { return told.has_value(); });
    const std::string why = client.why_not();
    client.stop();
    turn_until([&] { return has_ended; });
    expect(told && told->is_good(), why.empty() ? "it does not answer" : why);
    const std::string_view info = told->reply.text();
    expect(info.find("maxmemory_policy:noeviction") == std::string_view::npos ||
               info.find("\nmaxmemory:0\r") != std::string_view::npos,
           "once it is full it refuses to count: set maxmemory-policy to volatile-ttl");
    constexpr std::string_view version = "redis_version:";
    const std::string_view rest = info.substr(info.find(version) + version.size());
    found_ = ": " + std::string{rest.substr(0, rest.find('\r'))};
  }

  // Runs `work(session)` to its end. Throws what it throws.
  template <class Work>
  void ask(Work work) {
    boost::asio::io_context context{1};
    std::exception_ptr fault;
    {
      db::Database database{context.get_executor(), database_settings(configuration_)};
      const auto asked = [&]() -> Task<> { co_await work(database.session(db::Work::slow)); };
      bool is_done = false;
      boost::asio::co_spawn(context, asked, [&](std::exception_ptr thrown) {
        fault = thrown;
        is_done = true;
      });
      while (!is_done) context.run_one();
    }
    if (fault) std::rethrow_exception(fault);
  }

  void look_at_sealed_values() {
    const crypto::Vault vault{open_keys(configuration_)};
    std::vector<protection::KeyUse> uses;
    ask([&](db::Session& session) -> Task<> {
      uses = co_await protection::uses_of_keys(session, vault, protected_columns());
    });
    std::int64_t outdated = 0;
    for (const protection::KeyUse& use : uses) {
      const std::string what = std::to_string(use.values) + " values of " + use.column;
      expect(vault.has_key(use.key), what + " are under the unknown key " + use.key);
      expect(use.is_open, what + " are under a key " + use.key + " of other bytes");
      if (use.key != vault.newest_key()) outdated += use.values;
      found_ += (found_.empty() ? ": " : ", ") + what + " under " + use.key;
    }
    if (outdated > 0) found_ += "; " + std::to_string(outdated) + " are to be rewritten";
  }

  void check_audit() {
    const audit::Trail trail{open_keys(configuration_)};
    audit::Verification result;
    ask([&](db::Session& session) -> Task<> {
      const audit::HeadFile file{configuration_.data, co_await audit::database_identity(session)};
      result = co_await audit::check_trail(session, trail.keys(), file.read());
    });
    if (const auto& found = result.first_fault) {
      const std::string row = found->row_id ? " (row " + found->row_id->text() + ")" : "";
      throw std::runtime_error{std::string{spelled(found->kind)} + row};
    }
    found_ = ": " + std::to_string(result.checked_rows) + " rows";
  }

  Configuration configuration_;
  std::string found_;
  int faults_ = 0;
};

}  // namespace

int examine(const std::map<std::string, std::string>& flags) {
  Configuration configuration = load(Sources::of_process(flags), Purpose::database);
  log::configure(log::Level::error, configuration.log_format);
  return Examination{std::move(configuration)}.run();
}

}  // namespace wildnout::app
