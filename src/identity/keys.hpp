// The issuers' public keys: read, kept fresh, and handed to every shard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "identity/rules.hpp"
#include "platform/async/shards.hpp"
#include "platform/async/signal.hpp"
#include "platform/crypto/jwks.hpp"
#include "platform/http/client.hpp"

namespace wildnout::identity {

struct IssuerKeys {
  IssuerPolicy policy;
  crypto::KeySet keys;
  bool is_available = false;  // false: never read yet, or the last good read is too long ago
};
using Issuers = std::vector<IssuerKeys>;

// What one shard sees of the keys; written and read on that shard's thread alone.
struct KeySlot {
  std::shared_ptr<const Issuers> issuers;  // shared by the shards and the store; immutable
  std::uint64_t version = 0;               // grows with every change
};

// Where the last good key sets outlive the process. Throws what the database throws.
class KeyArchive {
 public:
  struct Kept {
    std::string jwks;
    std::chrono::milliseconds age;
  };
  virtual ~KeyArchive() = default;
  [[nodiscard]] virtual Task<std::optional<Kept>> find(std::string issuer) = 0;
  [[nodiscard]] virtual Task<> keep(std::string issuer, std::string jwks) = 0;
};

struct KeyTimes {
  std::chrono::milliseconds refresh = std::chrono::minutes{5};
  std::chrono::milliseconds retry_least = std::chrono::seconds{1};  // after a failure, doubled
  std::chrono::milliseconds retry_most = std::chrono::seconds{30};
  // Whoever sends made-up key ids causes one request in this time, no more.
  std::chrono::milliseconds refetch_gap = std::chrono::seconds{30};
  std::chrono::milliseconds refetch_wait = std::chrono::seconds{5};
  std::chrono::milliseconds keep = std::chrono::hours{24};  // last good keys, the source being down
};

// One for the process, at home on one shard. Outlives the shards' users of its slots.
class KeyStore {
 public:
  // Gives a JWKS; throws when it cannot.
  using Read = std::function<Task<std::string>(http::Client&)>;
  struct Source {
    IssuerPolicy policy;
    std::variant<crypto::KeySet, Read> keys;  // known for good, or read again and again
  };

  // Before the shards start.
  KeyStore(async::Shards& shards, unsigned home, std::vector<Source> sources, KeyTimes times = {});

  [[nodiscard]] const KeySlot& slot(unsigned shard) const { return *slots_[shard]; }

  // Reads now and again until `stop`. On the home shard; `client` and `archive` are that shard's.
  [[nodiscard]] Task<> run(http::Client& client, KeyArchive& archive);
  void stop();

  // For a token with an unknown key id, from any shard: reads again, once for all who ask at the
  // same time and not before `refetch_gap` is over since the last time. When it returns, the
  // caller's slot holds what was read.
  [[nodiscard]] Task<> refetch();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Task<> refetch_at_home();
  [[nodiscard]] Task<> read_all();
  [[nodiscard]] Task<bool> read_one(std::size_t source);
  [[nodiscard]] Task<> recall_missing();
  [[nodiscard]] Task<bool> recall(std::size_t source);
  [[nodiscard]] Task<> keep_read();
  void drop_stale();
  void publish();

  async::Shards& shards_;
  unsigned home_;
  std::vector<Source> sources_;
  KeyTimes times_;
  std::vector<std::unique_ptr<KeySlot>> slots_;
  bool is_fixed_ = true;  // no source to read from
  // Looked at by every shard before it troubles the home.
  std::atomic<Clock::rep> next_refetch_{0};
  std::atomic<bool> is_reading_{false};

  // The rest belongs to the home shard.
  http::Client* client_ = nullptr;  // while `run` runs
  KeyArchive* archive_ = nullptr;   // as long
  Issuers issuers_;
  std::vector<Clock::time_point> last_good_;
  std::vector<std::string> unkept_;  // key sets that were read and are not yet in the archive
  std::uint64_t version_ = 1;
  bool has_failed_ = false;
  bool is_stopping_ = false;
  async::Signal wake_;
  std::vector<async::Signal*> waiting_;
};

}  // namespace wildnout::identity
