// Keys and kept answers in the table idempotency_keys.
#include "platform/api/idempotency.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>

#include "platform/api/faults.hpp"
#include "platform/api/kept_answers.hpp"
#include "platform/crypto/digest.hpp"

namespace wildnout::api {
namespace {

struct KeptAnswer {
  db::Bytes request_hash;
  std::int32_t status;
  std::string headers;
  std::optional<ProtectedBody> body;
};
BOOST_DESCRIBE_STRUCT(KeptAnswer, (), (request_hash, status, headers, body))

// True when the key is ours to use: new, or taken over from one that has expired. The conflict with
// a key whose transaction is still open waits for its end; so many milliseconds, then the statement
// fails. The handler's statements wait for locks as all others do.
const db::Query<bool(Uuid, std::string, db::Bytes, std::string)> claim_key{"claim_key", R"sql(
  INSERT INTO idempotency_keys AS kept (user_id, key, request_hash)
  SELECT $1, $2, $3 FROM set_config('lock_timeout', $4, true)
  ON CONFLICT (user_id, key) DO UPDATE
    SET request_hash = excluded.request_hash, status = 0, headers = '', body = NULL,
        created_at = now_ms()
    WHERE kept.created_at < now_ms() - interval '24 hours'
  RETURNING (SELECT set_config('lock_timeout', '0', true)) = '0')sql"};

const db::Query<KeptAnswer(Uuid, std::string)> kept_answer{"kept_answer", R"sql(
  SELECT request_hash, status, headers, body
  FROM idempotency_keys WHERE user_id = $1 AND key = $2)sql"};

const db::Query<void(Uuid, std::string, std::int32_t, std::string, std::optional<ProtectedBody>)>
    keep_answer{"keep_answer", R"sql(
  UPDATE idempotency_keys SET status = $3, headers = $4, body = $5
  WHERE user_id = $1 AND key = $2)sql"};

const db::Query<void()> delete_expired_keys{"delete_expired_keys", R"sql(
  DELETE FROM idempotency_keys WHERE (user_id, key) IN (
    SELECT user_id, key FROM idempotency_keys
    WHERE created_at < now_ms() - interval '24 hours' ORDER BY created_at LIMIT 10000))sql"};

const db::Query<void(Uuid)> delete_keys_of{"delete_keys_of",
                                           "DELETE FROM idempotency_keys WHERE user_id = $1"};

// For whoever comes while the first one is under way.
constexpr std::chrono::milliseconds longest_wait{10'000};

// Leaves the transaction with an answer that must not be kept.
struct Unkept {
  http::Response response;
};

struct Claim {
  Uuid user_id;
  std::string key;
  db::Bytes request_hash;
  std::string patience = {};  // milliseconds
};

std::string checked_key(const Call& call) {
  const std::string_view key = *call.request.header("Idempotency-Key");
  const bool is_visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (key.empty() || key.size() > max_idempotency_key || !is_visible) {
    refuse_invalid({{"Idempotency-Key", "must have 1 to 255 visible ASCII characters"}});
  }
  return std::string{key};
}

Claim claim_of(const Call& call) {
  std::string request{text_of(call.request.method)};
  request.append(" ").append(call.request.target).append("\n").append(call.request.body);
  const crypto::Sha256 hash = crypto::sha256(request);
  return {call.caller->user_id, checked_key(call), db::Bytes::of(hash)};
}

// 55P03 lock_not_available, 57014 canceled by statement_timeout: the first one is still under way.
Task<bool> claim_in(db::Session& db, const Claim& claim) {
  try {
    const auto claimed = co_await db::maybe(db, claim_key, claim.user_id, claim.key,
                                            claim.request_hash, claim.patience);
    co_return claimed.has_value();
  } catch (const db::Error& error) {
    if (error.sqlstate() != "55P03" && error.sqlstate() != "57014") throw;
  }
  throw Refused{conflict};
}

Task<http::Response> replay(db::Session& db, const Claim& claim, const crypto::Vault& vault) {
  std::optional<KeptAnswer> kept = co_await db::maybe(db, kept_answer, claim.user_id, claim.key);
  if (!kept) throw Refused{conflict};  // expired and removed this very moment
  require(kept->request_hash == claim.request_hash, idempotency_key_reused);
  http::Response response;
  response.status = static_cast<std::uint16_t>(kept->status);
  if (!kept->body) response.content_type = {};
  response.headers = std::move(kept->headers);
  response.add_header("Idempotency-Replayed", "true");
  const std::string place = row_of_answer(claim.user_id, claim.key);
  response.body = kept->body ? kept->body->open(vault, place) : std::string{};
  co_return response;
}

// The handler's answer or refusal; anything else is thrown and undoes the transaction.
Task<http::Response> run_inside(Call& call, db::Session& transaction) {
  call.next_path = 0;
  call.has_reached_service = false;
  std::optional<Refused> refused;
  try {
    db::Scope scope{call.database, transaction};
    const auto run = [&call](db::Session& savepoint) -> Task<http::Response> {
      call.ambient = &savepoint;
      return call.route.endpoint->run(call);
    };
    co_return co_await scope.transact(run);
  } catch (const Refused& thrown) {
    if (!call.has_reached_service || thrown.refusal().status == 429) throw;
    refused = thrown;
  }
  co_return answer_refusal(*refused, call.request.request_id);
}

Task<http::Response> run_and_keep(Call& call, db::Session& transaction, const Claim& claim,
                                  const crypto::Vault& vault) {
  if (!co_await claim_in(transaction, claim)) co_return co_await replay(transaction, claim, vault);
  http::Response response = co_await run_inside(call, transaction);
  if (response.status >= 500 || response.status == 429) throw Unkept{std::move(response)};
  const auto* shared = std::get_if<std::shared_ptr<const http::SharedBody>>(&response.body);
  const std::string& body =
      shared != nullptr ? (*shared)->identity : std::get<std::string>(response.body);
  std::optional<ProtectedBody> sealed;
  if (!body.empty()) {
    sealed = ProtectedBody::seal(vault, body, row_of_answer(claim.user_id, claim.key));
  }
  co_await db::run(transaction, keep_answer, claim.user_id, claim.key,
                   static_cast<std::int32_t>(response.status), response.headers, sealed);
  co_return response;
}

}  // namespace

bool wants_to_run_once(const Call& call) {
  return call.request.method == http::Method::post && call.caller.has_value() &&
         call.route.signature.answer != Form::plain &&
         call.request.header("Idempotency-Key").has_value();
}

Task<http::Response> run_once(Call& call, KeyGate& gate, const crypto::Vault& vault) {
  Claim claim = claim_of(call);
  const KeyGate::Passage passage =
      co_await gate.enter(claim.user_id.text() + ' ' + claim.key, longest_wait);
  claim.patience = std::to_string(passage.left().count());
  std::optional<http::Response> unkept;
  try {
    const auto body = [&](db::Session& transaction) -> Task<http::Response> {
      return run_and_keep(call, transaction, claim, vault);
    };
    co_return co_await call.database.transact(body);
  } catch (Unkept& thrown) {
    unkept = std::move(thrown.response);
  }
  co_return std::move(*unkept);
}

Task<std::int64_t> forget_expired_keys(db::Session& db) { return db::run(db, delete_expired_keys); }

Task<> forget_keys_of(db::Session& db, Uuid user) { co_await db::run(db, delete_keys_of, user); }

}  // namespace wildnout::api
