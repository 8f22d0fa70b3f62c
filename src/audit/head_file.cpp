// Reading and replacing the file.
#include "audit/head_file.hpp"

#include <fstream>
#include <stdexcept>

namespace wildnout::audit {

std::optional<Head> HeadFile::read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return std::nullopt;
  std::ifstream file{path_};
  Head head;
  std::string hash;
  file >> head.number >> hash;
  auto bytes = crypto::parse_hex(hash);
  if (!file || head.number < 1 || !bytes || bytes->size() != sizeof(crypto::Sha256)) {
    throw std::runtime_error{path_.string() + " holds no head of the audit trail"};
  }
  head.hash = std::move(*bytes);
  return head;
}

void HeadFile::write(const Head& head) const {
  std::filesystem::create_directories(path_.parent_path());
  const std::filesystem::path draft = path_.string() + ".new";
  {
    std::ofstream file{draft, std::ios::trunc};
    file << head.number << ' ' << crypto::hex(crypto::bytes_of(head.hash)) << '\n';
    if (!file.flush()) throw std::system_error{errno, std::generic_category(), draft.string()};
  }
  std::filesystem::rename(draft, path_);
}

}  // namespace wildnout::audit
