// What Redis answers, and the reader that makes it out of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

struct redisReply;   // hiredis
struct redisReader;  // hiredis

namespace wildnout::redis {

// A part of a reply; lives as long as the whole.
class ReplyView {
 public:
  enum class Kind : std::uint8_t { nil, text, status, error, integer, array };

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is_error() const { return kind() == Kind::error; }
  // Of a text, a status or an error; else empty.
  [[nodiscard]] std::string_view text() const;
  // Of an integer; else 0.
  [[nodiscard]] std::int64_t integer() const;
  // Of an array; else 0. Parts are asked for within it.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] ReplyView operator[](std::size_t index) const;

 protected:
  explicit ReplyView(const redisReply* reply) : reply_{reply} {}
  const redisReply* reply_;  // null: nil
};

class Reply : public ReplyView {
 public:
  Reply() : ReplyView{nullptr} {}
  explicit Reply(redisReply* owned) : ReplyView{owned} {}
  ~Reply();
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&& other) noexcept;
};

class BadBytes : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// RESP2, by hiredis: arrays nest seven deep.
class Reader {
 public:
  Reader();
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void feed(std::string_view bytes);
  // The next whole reply, if there is one. Throws BadBytes when the bytes are no protocol; nothing
  // can be read any more then.
  [[nodiscard]] std::optional<Reply> next();

 private:
  redisReader* reader_;
};

}  // namespace wildnout::redis
