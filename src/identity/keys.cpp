// Reading key sets and publishing them to the shards.
#include "identity/keys.hpp"

#include <algorithm>
#include <utility>

#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::identity {
namespace {

void count_read(bool succeeded) {
  static constexpr std::string_view name = "wildnout_key_set_reads_total";
  static constexpr std::string_view help = "Reads of an issuer's key set.";
  static metrics::Counter& good = metrics::counter(name, help, {{"result", "good"}});
  static metrics::Counter& failed = metrics::counter(name, help, {{"result", "failed"}});
  (succeeded ? good : failed).add();
}

}  // namespace

KeyStore::KeyStore(async::Shards& shards, unsigned home, std::vector<Source> sources,
                   KeyTimes times)
    : shards_{shards}, home_{home}, sources_{std::move(sources)}, times_{times} {
  for (const Source& source : sources_) {
    const auto* fixed = std::get_if<crypto::KeySet>(&source.keys);
    issuers_.push_back(
        {source.policy, fixed != nullptr ? *fixed : crypto::KeySet{}, fixed != nullptr});
    last_good_.emplace_back();
    unkept_.emplace_back();
    is_fixed_ &= fixed != nullptr;
  }
  const auto issuers = std::make_shared<const Issuers>(issuers_);
  for (unsigned i = 0; i < shards_.size(); ++i) {
    slots_.push_back(std::make_unique<KeySlot>(KeySlot{issuers, version_}));
  }
}

Task<> KeyStore::run(http::Client& client, KeyArchive& archive) {
  client_ = &client;
  archive_ = &archive;
  std::chrono::milliseconds retry = times_.retry_least;
  while (!is_stopping_) {
    co_await recall_missing();
    if (!is_reading_) co_await read_all();
    co_await keep_read();
    drop_stale();
    if (has_failed_) {
      co_await wake_.wait_for(retry);
      retry = std::min(retry * 2, times_.retry_most);
    } else {
      retry = times_.retry_least;
      co_await wake_.wait_for(times_.refresh);
    }
  }
  client_ = nullptr;
}

void KeyStore::stop() {
  is_stopping_ = true;
  wake_.raise();
}

Task<> KeyStore::refetch() {
  const bool is_too_soon =
      Clock::now().time_since_epoch().count() < next_refetch_.load(std::memory_order_relaxed);
  if (is_fixed_ || (is_too_soon && !is_reading_.load(std::memory_order_acquire))) {
    // What was just read may still be on its way to this shard: in its queue, before this.
    co_await async::sleep_for(std::chrono::milliseconds{0});
    co_return;
  }
  co_await shards_.on(home_, [this] { return refetch_at_home(); });
}

Task<> KeyStore::refetch_at_home() {
  if (!is_reading_) {
    if (client_ == nullptr) co_return;
    const Clock::time_point now = Clock::now();
    if (now.time_since_epoch().count() < next_refetch_.load(std::memory_order_relaxed)) co_return;
    is_reading_.store(true, std::memory_order_release);  // before others see that it is too soon
    next_refetch_.store((now + times_.refetch_gap).time_since_epoch().count(),
                        std::memory_order_relaxed);
    async::spawn(shards_[home_].executor(), "read key sets", read_all());
  }
  async::Signal done;
  waiting_.push_back(&done);
  co_await done.wait_for(times_.refetch_wait);
  std::erase(waiting_, &done);
}

Task<> KeyStore::read_all() {
  is_reading_.store(true, std::memory_order_release);
  has_failed_ = false;
  bool has_changed = false;
  for (std::size_t i = 0; i < sources_.size() && client_ != nullptr; ++i) {
    if (std::holds_alternative<Read>(sources_[i].keys)) has_changed |= co_await read_one(i);
  }
  if (has_changed) publish();
  is_reading_.store(false, std::memory_order_release);
  for (async::Signal* waiter : waiting_) waiter->raise();
}

Task<bool> KeyStore::read_one(std::size_t source) {
  IssuerKeys& known = issuers_[source];
  try {
    const std::string text = co_await std::get<Read>(sources_[source].keys)(*client_);
    crypto::KeySet read = crypto::parse_jwks(text);
    if (read.keys.empty()) throw crypto::KeyFault{"the key set has no usable key"};
    count_read(true);
    last_good_[source] = Clock::now();
    unkept_[source] = text;
    const bool has_changed = !known.is_available || read != known.keys;
    if (has_changed) {
      log::info("key set changed", {{"issuer", known.policy.issuer}, {"keys", read.keys.size()}});
      for (const std::string& why : read.passed_over) {
        log::warn("key passed over", {{"issuer", known.policy.issuer}, {"why", why}});
      }
    }
    known.keys = std::move(read);
    known.is_available = true;
    co_return has_changed;
  } catch (const std::exception& fault) {
    count_read(false);
    has_failed_ = true;
    log::warn("key set not read", {{"issuer", known.policy.issuer}, {"why", fault.what()}});
    co_return false;
  }
}

// Until an issuer's keys have been read for the first time, those that were read before this start
// (or by another node) do.
Task<> KeyStore::recall_missing() {
  bool has_changed = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!issuers_[i].is_available) has_changed |= co_await recall(i);
  }
  if (has_changed) publish();
}

Task<bool> KeyStore::recall(std::size_t source) {
  IssuerKeys& known = issuers_[source];
  try {
    const auto kept = co_await archive_->find(known.policy.issuer);
    if (!kept || kept->age > times_.keep || known.is_available) co_return false;
    known.keys = crypto::parse_jwks(kept->jwks);
    known.is_available = true;
    last_good_[source] = Clock::now() - kept->age;
    log::info("key set recalled", {{"issuer", known.policy.issuer}, {"age", kept->age.count()}});
    co_return true;
  } catch (const std::exception& fault) {
    log::warn("key set not recalled", {{"issuer", known.policy.issuer}, {"why", fault.what()}});
    co_return false;
  }
}

Task<> KeyStore::keep_read() {
  for (std::size_t i = 0; i < unkept_.size(); ++i) {
    const std::string text = std::exchange(unkept_[i], {});
    if (text.empty()) continue;
    try {
      co_await archive_->keep(issuers_[i].policy.issuer, text);
    } catch (const std::exception& fault) {
      log::warn("key set not kept", {{"issuer", issuers_[i].policy.issuer}, {"why", fault.what()}});
    }
  }
}

void KeyStore::drop_stale() {
  bool has_changed = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const bool is_stale = std::holds_alternative<Read>(sources_[i].keys) &&
                          issuers_[i].is_available && Clock::now() - last_good_[i] > times_.keep;
    if (!is_stale) continue;
    log::error("key set dropped: too long not read", {{"issuer", issuers_[i].policy.issuer}});
    issuers_[i].keys = {};
    issuers_[i].is_available = false;
    has_changed = true;
  }
  if (has_changed) publish();
}

void KeyStore::publish() {
  ++version_;
  const auto issuers = std::make_shared<const Issuers>(issuers_);
  for (unsigned i = 0; i < shards_.size(); ++i) {
    shards_.post(i, [slot = slots_[i].get(), issuers, version = version_] {
      slot->issuers = issuers;
      slot->version = version;
    });
  }
}

}  // namespace wildnout::identity
