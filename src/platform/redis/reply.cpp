// Replies over hiredis's structures.
#include "platform/redis/reply.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <string>
#include <utility>

namespace wildnout::redis {

ReplyView::Kind ReplyView::kind() const {
  if (reply_ == nullptr) return Kind::nil;
  switch (reply_->type) {
    case REDIS_REPLY_STRING:
      return Kind::text;
    case REDIS_REPLY_STATUS:
      return Kind::status;
    case REDIS_REPLY_ERROR:
      return Kind::error;
    case REDIS_REPLY_INTEGER:
      return Kind::integer;
    case REDIS_REPLY_ARRAY:
      return Kind::array;
    default:
      return Kind::nil;
  }
}

std::string_view ReplyView::text() const {
  const Kind what = kind();
  if (what != Kind::text && what != Kind::status && what != Kind::error) return {};
  return {reply_->str, static_cast<std::size_t>(reply_->len)};
}

std::int64_t ReplyView::integer() const { return kind() == Kind::integer ? reply_->integer : 0; }

std::size_t ReplyView::size() const { return kind() == Kind::array ? reply_->elements : 0; }

ReplyView ReplyView::operator[](std::size_t index) const {
  return ReplyView{reply_->element[index]};
}

Reply::~Reply() { freeReplyObject(const_cast<redisReply*>(reply_)); }

Reply::Reply(Reply&& other) noexcept : ReplyView{std::exchange(other.reply_, nullptr)} {}

Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(reply_, other.reply_);
  return *this;
}

Reader::Reader() : reader_{redisReaderCreate()} {
  if (reader_ == nullptr) throw std::bad_alloc{};
}

Reader::~Reader() { redisReaderFree(reader_); }

// An error here is kept by the reader and thrown by `next`.
void Reader::feed(std::string_view bytes) {
  (void)redisReaderFeed(reader_, bytes.data(), bytes.size());
}

std::optional<Reply> Reader::next() {
  void* reply = nullptr;
  if (redisReaderGetReply(reader_, &reply) != REDIS_OK) throw BadBytes{reader_->errstr};
  if (reply == nullptr) return std::nullopt;
  return Reply{static_cast<redisReply*>(reply)};
}

}  // namespace wildnout::redis
