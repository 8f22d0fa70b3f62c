// A Redis of a test's own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace wildnout::testing {

// redis-server in a temporary folder, on a Unix socket, without persistence. Answers when the
// constructor ends. Throws std::runtime_error when it does not come up.
class RedisServer {
 public:
  // `options` are added to redis-server's own, like {"--requirepass", "secret"}.
  explicit RedisServer(std::vector<std::string> options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Again, empty, on the same socket.
  void start();
  void kill();
  // It neither answers nor ends, until `go_on`.
  void hang();
  void go_on();

  [[nodiscard]] std::string url() const { return "unix://" + socket(); }
  [[nodiscard]] std::string socket() const { return folder_ + "/redis.sock"; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::vector<std::string> options_;
  std::string folder_;
  pid_t process_ = -1;
};

}  // namespace wildnout::testing
