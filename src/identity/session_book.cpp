// Writing sessions down, and ending them.
#include "identity/session_book.hpp"

#include <algorithm>

#include "identity/standing_repository.hpp"
#include "platform/api/refusal.hpp"
#include "platform/log/log.hpp"

namespace wildnout::identity {
namespace {

constexpr std::size_t rows_a_statement = 1000;

audit::Fact fact_of(std::string action, const std::string& session_id) {
  return {.action = std::move(action), .subject_type = "session", .subject_id = session_id};
}

}  // namespace

SessionBook::SessionBook(async::Shards& shards, unsigned shard, SessionBooks& books,
                         db::Database& database, Standing& standing, const crypto::Vault& vault,
                         const audit::Trail& trail)
    : shards_{shards},
      shard_{shard},
      books_{books},
      database_{database},
      standing_{standing},
      vault_{vault},
      trail_{trail} {
  books_[shard_] = this;
}

SessionBook::~SessionBook() { books_[shard_] = nullptr; }

void SessionBook::note(SeenSession seen) {
  if (const auto at = waiting_.find(seen.id); at != waiting_.end()) {
    SeenSession& noted = at->second;
    noted.seen_at = std::max(noted.seen_at, seen.seen_at);
    noted.tokens_until = std::max(noted.tokens_until, seen.tokens_until);
    if (!seen.ip_address.empty()) noted.ip_address = std::move(seen.ip_address);
    if (!seen.user_agent.empty()) noted.user_agent = std::move(seen.user_agent);
    return;
  }
  if (waiting_.size() >= max_waiting) return;
  std::string id = seen.id;
  waiting_.emplace(std::move(id), std::move(seen));
}

Task<> SessionBook::run() {
  while (!is_stopping_) {
    co_await signal_.wait_for(write_every);
    try {
      co_await write_waiting();
    } catch (const std::exception& fault) {
      log::warn("seen sessions were not written", {{"why", fault.what()}});
    }
  }
}

void SessionBook::stop() {
  is_stopping_ = true;
  signal_.raise();
}

// In the order of ids, so that two writers of the same rows cannot lock each other out.
Task<> SessionBook::write_waiting() {
  std::vector<SeenSession> seen;
  seen.reserve(waiting_.size());
  for (auto& [id, session] : waiting_) seen.push_back(std::move(session));
  waiting_.clear();
  std::ranges::sort(seen, {}, &SeenSession::id);
  for (std::size_t at = 0; at < seen.size(); at += rows_a_statement) {
    const std::size_t end = std::min(seen.size(), at + rows_a_statement);
    co_await upsert_sessions(database_.session(db::Work::writes), vault_,
                             {seen.data() + at, seen.data() + end});
  }
}

Task<> SessionBook::write_all_shards() {
  for (unsigned i = 0; i < books_.size(); ++i) {
    if (i == shard_) {
      co_await write_waiting();
      continue;
    }
    const auto there = [&books = books_, i]() -> Task<> {
      if (books[i] != nullptr) co_await books[i]->write_waiting();
    };
    co_await shards_.on(i, there);
  }
}

Task<std::vector<SessionRow>> SessionBook::list(UserId user, std::optional<SessionAt> after,
                                                std::int32_t limit) {
  co_await write_all_shards();
  co_return co_await find_sessions(database_.session(), vault_, user, std::move(after), limit);
}

Task<> SessionBook::log_out(db::Scope scope, audit::Author author, UserId user,
                            std::string session_id, Timestamp token_expires_at) {
  co_await scope.transact([&](db::Session& db) -> Task<> {
    co_await end(db, user, session_id, EndCause::logout, token_expires_at);
    co_await trail_.record(db, author, fact_of("session.loggedOut", session_id));
  });
}

Task<> SessionBook::revoke(db::Scope scope, audit::Author author, UserId user,
                           std::string session_id) {
  co_await write_all_shards();
  co_await scope.transact([&](db::Session& db) -> Task<> {
    const auto tokens_until = co_await end_own_session(db, user, session_id);
    api::require(tokens_until.has_value(), api::not_found);
    co_await tell(db, ChangeKind::session_ended, user, session_id, *tokens_until);
    co_await trail_.record(db, author, fact_of("session.revoked", session_id));
  });
}

Task<> SessionBook::end(db::Session& db, std::optional<UserId> user, std::string session_id,
                        EndCause cause, Timestamp tokens_until) {
  const EndedSession ended = co_await end_session(db, session_id, user, cause, tokens_until);
  co_await tell(db, ChangeKind::session_ended, ended.user_id, session_id, ended.tokens_until);
}

Task<> SessionBook::change_user(db::Session& db, ChangeKind kind, UserId user) {
  return tell(db, kind, user, std::nullopt, system_now());
}

Task<> SessionBook::tell(db::Session& db, ChangeKind kind, std::optional<UserId> user,
                         std::optional<std::string> session_id, Timestamp tokens_until) {
  StandingChange change =
      co_await insert_change(db, kind, user, std::move(session_id), tokens_until);
  db.after_commit([&standing = standing_, shard = shard_, change = std::move(change)] {
    standing.announce(change, shard);
  });
}

}  // namespace wildnout::identity
