// Sessions as they were seen: written in batches, listed, and ended.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "identity/session_repository.hpp"
#include "identity/standing.hpp"
#include "platform/async/signal.hpp"
#include "platform/audit/trail.hpp"
#include "platform/db/database.hpp"

namespace wildnout::identity {

class SessionBook;

// The books of all shards, so that one can ask the others to write down what they have seen.
using SessionBooks = std::vector<SessionBook*>;

// One a shard.
class SessionBook {
 public:
  // What is seen waits so long, so that one statement writes it for many.
  static constexpr std::chrono::milliseconds write_every{1000};
  // Waiting at most; beyond it a session is noted the next time that it is seen.
  static constexpr std::size_t max_waiting = 20'000;
  // How old `lastActiveAt` may be.
  static constexpr std::chrono::seconds note_every{60};
  static constexpr std::size_t max_agent_bytes = 512;

  // `books` outlives the book, which enters itself; `shard` is its own.
  SessionBook(async::Shards& shards, unsigned shard, SessionBooks& books, db::Database& database,
              Standing& standing, const crypto::Vault& vault, const audit::Trail& trail);
  ~SessionBook();
  SessionBook(const SessionBook&) = delete;
  SessionBook& operator=(const SessionBook&) = delete;

  // Costs no statement of its own.
  void note(SeenSession seen);

  // Writes what was noted, now and again until `stop`.
  [[nodiscard]] Task<> run();
  void stop();

  // Those that have not ended, the newest first; `limit` of them after `after`.
  [[nodiscard]] Task<std::vector<SessionRow>> list(UserId user, std::optional<SessionAt> after,
                                                   std::int32_t limit);

  // Ends the caller's own session. Its tokens are refused from now on, on every node.
  [[nodiscard]] Task<> log_out(db::Scope scope, audit::Author author, UserId user,
                               std::string session_id, Timestamp token_expires_at);
  // Ends any session of the user's. Throws not_found when there is no such session.
  [[nodiscard]] Task<> revoke(db::Scope scope, audit::Author author, UserId user,
                              std::string session_id);
  // In a transaction of somebody else's: what Clerk says has ended. `user` may not be known.
  [[nodiscard]] Task<> end(db::Session& db, std::optional<UserId> user, std::string session_id,
                           EndCause cause, Timestamp tokens_until);
  // In a transaction of somebody else's: the user's row says something new.
  [[nodiscard]] Task<> change_user(db::Session& db, ChangeKind kind, UserId user);

 private:
  [[nodiscard]] Task<> write_waiting();
  [[nodiscard]] Task<> write_all_shards();
  [[nodiscard]] Task<> tell(db::Session& db, ChangeKind kind, std::optional<UserId> user,
                            std::optional<std::string> session_id, Timestamp tokens_until);

  async::Shards& shards_;
  unsigned shard_;
  SessionBooks& books_;
  db::Database& database_;
  Standing& standing_;
  const crypto::Vault& vault_;
  const audit::Trail& trail_;
  std::unordered_map<std::string, SeenSession> waiting_;
  async::Signal signal_;
  bool is_stopping_ = false;
};

}  // namespace wildnout::identity
