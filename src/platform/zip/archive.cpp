// libarchive's ZIP writer with a string at its end.
#include "platform/zip/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <ctime>
#include <stdexcept>
#include <utility>

namespace wildnout::zip {

struct Archive::State {
  ::archive* writer = nullptr;
  std::string written;
  bool has_file = false;

  ~State() {
    if (writer != nullptr) archive_write_free(writer);
  }
  void check(la_ssize_t result) const {
    if (result < ARCHIVE_OK) {
      const char* what = archive_error_string(writer);
      throw std::runtime_error{std::string{"zip: "} + (what == nullptr ? "failed" : what)};
    }
  }
};

namespace {

la_ssize_t append(::archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

}  // namespace

Archive::Archive() : state_{std::make_unique<State>()} {
  state_->writer = archive_write_new();
  if (state_->writer == nullptr) throw std::bad_alloc{};
  state_->check(archive_write_set_format_zip(state_->writer));
  state_->check(archive_write_zip_set_compression_deflate(state_->writer));
  // Nothing is held back, and the end is not filled up with zeros.
  state_->check(archive_write_set_bytes_per_block(state_->writer, 0));
  state_->check(archive_write_set_bytes_in_last_block(state_->writer, 1));
  state_->check(archive_write_open(state_->writer, &state_->written, nullptr, append, nullptr));
}

Archive::~Archive() = default;

void Archive::begin_file(const std::string& name) {
  const Entry entry{archive_entry_new(), archive_entry_free};
  if (!entry) throw std::bad_alloc{};
  constexpr unsigned permissions = 0644;
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), permissions);
  archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);
  state_->check(archive_write_header(state_->writer, entry.get()));
  state_->has_file = true;
}

// libarchive is never called out of order: it answers by a state in which it frees nothing.
void Archive::add(std::string_view bytes) {
  if (!state_->has_file) throw std::runtime_error{"zip: no file was begun"};
  while (!bytes.empty()) {
    const la_ssize_t taken = archive_write_data(state_->writer, bytes.data(), bytes.size());
    state_->check(taken);
    if (taken == 0) throw std::runtime_error{"zip: nothing was taken"};
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
}

void Archive::finish() { state_->check(archive_write_close(state_->writer)); }

std::string Archive::take() { return std::exchange(state_->written, {}); }

std::size_t Archive::waiting() const { return state_->written.size(); }

}  // namespace wildnout::zip
