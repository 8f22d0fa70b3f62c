// Who may still come in: what has ended, told to every shard of every node within a second.
#pragma once

#include <atomic>
#include <boost/describe/enum.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/async/shards.hpp"
#include "platform/async/signal.hpp"
#include "platform/db/database.hpp"
#include "platform/values/time.hpp"

namespace wildnout::identity {

enum class ChangeKind : std::uint8_t {
  session_ended,  // its tokens are refused, its sockets closed
  user_barred,    // suspended, banned or deleted: sockets closed, the user is read again
  user_changed,   // roles, or standing for the better: the user is read again
};
BOOST_DESCRIBE_ENUM(ChangeKind, session_ended, user_barred, user_changed)

struct StandingChange {
  ChangeKind kind = ChangeKind::user_changed;
  std::optional<UserId> user_id;          // none: a session that was ended before it was seen
  std::optional<std::string> session_id;  // of session_ended
  Timestamp keep_until;                   // past every token that it must stop
};

// What one shard knows of the changes; read and written on that shard's thread alone.
class StandingSlot {
 public:
  // How long a changed user is remembered: longer than anything that was read before the change.
  static constexpr std::chrono::seconds user_memory{120};
  // About 150 bytes each. When there are more, everything cached is read again from the database,
  // which knows every session that has ended.
  static constexpr std::size_t max_sessions = 500'000;

  // Grows with every change.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] bool has_ended(const std::string& session_id) const {
    return ended_.contains(session_id);
  }
  // Whether what was read of the user at that version may be out of date.
  [[nodiscard]] bool is_outdated(UserId user, std::uint64_t read_at_version) const;

  void apply(const StandingChange& change, Timestamp now);
  void forget_old(Timestamp now);

 private:
  struct UserChange {
    std::uint64_t version;
    Timestamp at;
  };
  std::uint64_t version_ = 1;
  std::uint64_t all_changed_at_ = 0;
  std::unordered_map<std::string, Timestamp> ended_;  // until when
  std::unordered_map<UserId, UserChange> changed_;
};

// One for the process, at home on one shard. Changes are rows (`standing_changes`); who writes one
// applies it here after the commit and wakes the other nodes by NOTIFY; every node also looks by
// itself, so that a lost notice or a writer that died delays a change by `look_every` at most.
class Standing {
 public:
  static constexpr std::chrono::milliseconds look_every{400};
  // A node that could not look for so long says so.
  static constexpr std::chrono::seconds stale_after{3};
  static constexpr const char* channel = "wildnout_standing";

  // Closes the sockets of a user's session, or with an empty session all of the user's.
  using CloseSockets = std::function<void(UserId, std::string)>;

  Standing(async::Shards& shards, unsigned home, CloseSockets close_sockets);

  [[nodiscard]] const StandingSlot& slot(unsigned shard) const { return *slots_[shard]; }

  // Looks for changes until `stop`. On the home shard; `database` is that shard's.
  [[nodiscard]] Task<> run(db::Database& database);
  void stop();
  // There may be a change. On the home shard.
  void look_now() { wake_.raise(); }

  // What was committed just now on shard `from`: holds there when this returns, on the others
  // before they read anything that was sent later. Other nodes are told by the home shard.
  void announce(const StandingChange& change, unsigned from);

  // Any thread. False when this node may not know of the latest changes.
  [[nodiscard]] bool is_current() const;

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Task<> look(db::Database& database);
  void spread(const StandingChange& change, unsigned from);
  void close_sockets(const StandingChange& change);

  async::Shards& shards_;
  unsigned home_;
  CloseSockets close_sockets_;
  std::vector<std::unique_ptr<StandingSlot>> slots_;
  std::atomic<Clock::rep> looked_at_;

  // The rest belongs to the home shard.
  async::Signal wake_;
  std::optional<std::int64_t> seen_until_;  // transactions before this one have been seen whole
  std::set<std::int64_t> applied_;          // rows of later ones that were applied already
  bool must_notify_ = false;
  bool is_failing_ = false;
  bool is_stopping_ = false;
};

}  // namespace wildnout::identity
