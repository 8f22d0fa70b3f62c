// Starting redis-server, and ending it in each way.
#include "support/redis.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace wildnout::testing {
namespace {

constexpr std::chrono::seconds start_limit{30};
constexpr std::chrono::milliseconds start_poll{10};

bool accepts(const std::string& path) {
  const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const bool is_good =
      ::connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(line);
  return is_good;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> options) : options_{std::move(options)} {
  std::string name = (std::filesystem::temp_directory_path() / "redis.XXXXXX").string();
  folder_ = mkdtemp(name.data());
  try {
    start();
  } catch (...) {
    std::filesystem::remove_all(folder_);
    throw;
  }
}

RedisServer::~RedisServer() {
  if (process_ > 0) kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::start() {
  std::vector<std::string> words{
      "redis-server",  "--port", "0", "--unixsocket", socket(), "--dir",
      folder_,         "--save", "",  "--appendonly", "no",     "--logfile",
      folder_ + "/log"};
  words.insert(words.end(), options_.begin(), options_.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (posix_spawnp(&process_, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    throw std::runtime_error{"redis-server cannot be started"};
  }
  const auto deadline = std::chrono::steady_clock::now() + start_limit;
  while (!accepts(socket())) {
    const bool has_ended = waitpid(process_, nullptr, WNOHANG) == process_;
    if (has_ended || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error{"redis-server does not come up"};
    }
    std::this_thread::sleep_for(start_poll);
  }
}

void RedisServer::kill() {
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::hang() { ::kill(process_, SIGSTOP); }
void RedisServer::go_on() { ::kill(process_, SIGCONT); }

}  // namespace wildnout::testing
