// The bytes read from a connection and not used yet: small in the connection, grown on demand.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace wildnout::http {

// Contiguous. `data` moves when room is made, so places in it are kept as offsets.
class ReadBuffer {
 public:
  // Bytes inside the object: a usual head with a bearer token is 1.2 KB; an idle connection holds
  // no more than this.
  static constexpr std::size_t resident_bytes = 2048;
  // The least that it grows to.
  static constexpr std::size_t growth_step_bytes = 16 * 1024;

  [[nodiscard]] const char* data() const { return storage() + begin_; }
  [[nodiscard]] char* data() { return storage() + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }

  // Free space behind the data, at least one byte. Grows towards `wanted` bytes of data in all,
  // to be called with the same or a larger number until they are there.
  [[nodiscard]] std::span<char> room(std::size_t wanted) {
    if (end_ == capacity() || wanted > capacity() - begin_) make_room(wanted);
    return {storage() + end_, capacity() - end_};
  }
  void commit(std::size_t bytes) { end_ += bytes; }

  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Takes `bytes` out that lie `at` bytes behind the beginning.
  void erase(std::size_t at, std::size_t bytes) {
    std::memmove(data() + at, data() + at + bytes, size() - at - bytes);
    end_ -= bytes;
  }

  // Gives grown memory back when what is left fits the resident bytes.
  void shrink() {
    if (!grown_ || size() > resident_bytes) return;
    const std::size_t left = size();
    std::memcpy(resident_.data(), data(), left);
    grown_.reset();
    capacity_ = resident_bytes;
    begin_ = 0;
    end_ = left;
  }

 private:
  [[nodiscard]] const char* storage() const { return grown_ ? grown_.get() : resident_.data(); }
  [[nodiscard]] char* storage() { return grown_ ? grown_.get() : resident_.data(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  void make_room(std::size_t wanted) {
    if (begin_ > 0) {
      std::memmove(storage(), data(), size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ < capacity_ && wanted <= capacity_) return;
    // Doubled at most, so that a claimed length alone takes no memory; and by whole steps, so that
    // no reader creeps on byte by byte.
    const std::size_t ceiling = std::max(2 * capacity_, growth_step_bytes);
    const std::size_t grown = std::max({std::min(wanted, ceiling), growth_step_bytes, end_ + 1});
    if (grown <= capacity_) return;
    auto memory = std::make_unique_for_overwrite<char[]>(grown);
    std::memcpy(memory.get(), storage(), end_);
    grown_ = std::move(memory);
    capacity_ = grown;
  }

  std::unique_ptr<char[]> grown_;
  std::size_t capacity_ = resident_bytes;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, resident_bytes> resident_;
};

}  // namespace wildnout::http
