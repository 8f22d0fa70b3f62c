// Making and reading the key file.
#include "app/keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "platform/values/uuid.hpp"

namespace wildnout::app {
namespace {

constexpr const char* key_file = "encryption-keys";

[[noreturn]] void fail(const std::filesystem::path& path) {
  throw std::system_error{errno, std::generic_category(), path.string()};
}

// link(2) gives the file its name whole and only once: whoever comes second takes what is there.
void make(const std::filesystem::path& path) {
  const std::filesystem::path draft = path.string() + "." + Uuid::make().text();
  const std::string text = crypto::KeyRing::make("local") + '\n';
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail(draft);
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  if (::close(file) != 0 || !is_written) fail(draft);
  const bool is_linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int link_error = errno;
  ::unlink(draft.c_str());
  errno = link_error;
  if (!is_linked) fail(path);
}

}  // namespace

crypto::KeyRing open_keys(const Configuration& configuration) {
  const std::string& given = configuration.encryption_keys.reveal();
  if (!given.empty()) return crypto::KeyRing::parse(given);
  std::filesystem::create_directories(configuration.data);
  const std::filesystem::path path = configuration.data / key_file;
  if (!std::filesystem::exists(path)) make(path);
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line)) fail(path);
  return crypto::KeyRing::parse(line);
}

}  // namespace wildnout::app
