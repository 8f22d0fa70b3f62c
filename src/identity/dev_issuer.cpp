// Making and keeping the development issuer's key.
#include "identity/dev_issuer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwt.hpp"

namespace wildnout::identity {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_id_characters = 16;

std::optional<std::string> read(const fs::path& path) {
  std::ifstream file{path};
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

void fail(const fs::path& path) {
  throw std::system_error{errno, std::generic_category(), path.string()};
}

void write_private(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail(path);
  const bool is_written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  if (::close(file) != 0 || !is_written) fail(path);
}

// link(2) gives the file its name whole and only once: whoever comes second takes what is there.
void make_key(const fs::path& folder, const fs::path& path) {
  const fs::path draft = folder / ("." + std::string{dev_key_file} + '.' + Uuid::make().text());
  write_private(draft, crypto::SigningKey::make().pem());
  const bool is_linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int link_error = errno;
  ::unlink(draft.c_str());
  errno = link_error;
  if (!is_linked) fail(path);
}

}  // namespace

DevIssuer::DevIssuer(crypto::SigningKey key) : key_{std::move(key)} {
  const crypto::PublicKey shown = key_.public_key();
  const auto digest = crypto::sha256(shown.modulus());
  key_id_ = "dev_" + crypto::base64url(digest).substr(0, key_id_characters);
}

DevIssuer DevIssuer::open(const fs::path& folder) {
  fs::create_directories(folder);
  const fs::path path = folder / dev_key_file;
  auto pem = read(path);
  if (!pem) {
    make_key(folder, path);
    pem = read(path);
  }
  if (!pem) throw std::runtime_error{path.string() + " cannot be read"};
  return DevIssuer{crypto::SigningKey::from_pem(*pem)};
}

IssuerPolicy DevIssuer::policy() { return {std::string{dev_issuer_name}, {}, true}; }

std::string DevIssuer::jwks() const {
  return R"({"keys":[)" + crypto::jwk_of(key_.public_key(), key_id_) + "]}";
}

std::string DevIssuer::sign(UserId user, const std::string& session_id, Timestamp issued_at,
                            Timestamp expires_at) const {
  const auto seconds = [](Timestamp time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  };
  return crypto::make_token(key_, key_id_,
                            {{"exp", seconds(expires_at)},
                             {"fva", {0, -1}},
                             {"iat", seconds(issued_at)},
                             {"iss", dev_issuer_name},
                             {"jti", Uuid::make().text()},
                             {"nbf", seconds(issued_at)},
                             {"sid", session_id},
                             {"sts", "active"},
                             {"sub", user.text()},
                             {"v", 2}});
}

}  // namespace wildnout::identity
