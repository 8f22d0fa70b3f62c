// Keeping and dropping.
#include "platform/ws/history.hpp"

#include <algorithm>
#include <utility>

namespace wildnout::ws {
namespace {

// Numbers that one kept message may stand for: 8 bytes each.
constexpr std::size_t max_replaced = 1024;

}  // namespace

void History::push(MessagePointer message, Clock::time_point now, const Limits& limits) {
  Entry entry{std::move(message), now, {}};
  if (entry.message->delivery == Delivery::latest) take_over(entry.replaced, entry.message->kind);
  bytes_ += entry.message->plain.size();
  entries_.push_back(std::move(entry));
  trim(now, limits);
}

void History::trim(Clock::time_point now, const Limits& limits) {
  while (!entries_.empty() &&
         (entries_.size() > limits.history_messages || bytes_ > limits.history_bytes ||
          now - entries_.front().at > limits.history_time)) {
    drop_first();
  }
}

std::optional<std::vector<Missed>> History::behind(std::uint64_t seq) const {
  if (seq < floor_) return std::nullopt;
  std::vector<Missed> missed;
  for (const Entry& entry : entries_) {
    if (entry.message->seq <= seq) continue;
    const auto first = std::upper_bound(entry.replaced.begin(), entry.replaced.end(), seq);
    missed.push_back({entry.message, static_cast<std::uint64_t>(entry.replaced.end() - first)});
  }
  return missed;
}

// The older message of that kind gives its place and its numbers to the new one.
void History::take_over(std::vector<std::uint64_t>& replaced, std::uint64_t kind) {
  const auto older = std::find_if(entries_.rbegin(), entries_.rend(), [kind](const Entry& entry) {
    return entry.message->kind == kind && entry.message->delivery == Delivery::latest;
  });
  if (older == entries_.rend()) return;
  replaced = std::move(older->replaced);
  replaced.push_back(older->message->seq);
  bytes_ -= older->message->plain.size();
  entries_.erase(std::next(older).base());
  if (replaced.size() > max_replaced) {
    floor_ = std::max(floor_, replaced.front());
    replaced.erase(replaced.begin());
  }
}

void History::drop_first() {
  floor_ = std::max(floor_, entries_.front().message->seq);
  bytes_ -= entries_.front().message->plain.size();
  entries_.erase(entries_.begin());
}

}  // namespace wildnout::ws
