// A connection of its own that waits for PostgreSQL's notices (LISTEN, NOTIFY).
#pragma once

#include <functional>
#include <string>

#include "platform/async/signal.hpp"
#include "platform/async/task.hpp"
#include "platform/db/settings.hpp"
#include "platform/db/target.hpp"

struct pg_conn;  // libpq

namespace wildnout::db {

// Notices are hints: one sent while the connection was lost is lost. So who listens also looks by
// itself now and again. Behind a transaction-mode pooler there is nothing to listen to: then `run`
// only waits for `stop`. All members on one shard.
class Listener {
 public:
  // `channel` is a plain SQL identifier.
  Listener(Executor executor, const Settings& settings, std::string channel);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Calls `noticed` after each connecting and for notices (one call may stand for many), until
  // `stop`. A lost connection is made anew at the pace of Line.
  [[nodiscard]] Task<> run(std::function<void()> noticed);
  void stop();

 private:
  struct Server;

  [[nodiscard]] Task<> listen(const std::function<void()>& noticed);
  [[nodiscard]] Task<> connect(Server& server);
  [[nodiscard]] Task<> subscribe(Server& server);

  Executor executor_;
  Target target_;
  std::string channel_;
  async::Signal wake_;
  Server* server_ = nullptr;  // while there is one
  bool is_stopping_ = false;
};

}  // namespace wildnout::db
