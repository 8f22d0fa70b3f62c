// Writing a ZIP archive piece by piece, into memory that its caller takes away as it fills.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace wildnout::zip {

// Deflated, with ZIP64 where it is needed. Not for use by two threads at once; any one will do.
// All members throw std::runtime_error when libarchive fails, which leaves the archive unusable.
class Archive {
 public:
  Archive();
  ~Archive();
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  // The file that `add` writes to from now on; "folder/name.json", ASCII.
  void begin_file(const std::string& name);
  void add(std::string_view bytes);
  // Nothing may be added afterwards.
  void finish();

  // What of the archive is written so far and was not taken yet.
  [[nodiscard]] std::string take();
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wildnout::zip
