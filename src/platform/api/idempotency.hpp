// POSTs with an Idempotency-Key: done once, answered alike for a day.
#pragma once

#include <cstdint>
#include <string_view>

#include "platform/api/key_gate.hpp"
#include "platform/api/route.hpp"
#include "platform/crypto/vault.hpp"
#include "platform/db/database.hpp"

namespace wildnout::api {

inline constexpr std::size_t max_idempotency_key = 255;  // visible ASCII characters

// Whether the request asks for it and can have it: a POST with the header by a signed-in caller
// (a key of somebody unknown would be anyone's) that answers JSON or nothing.
[[nodiscard]] bool wants_to_run_once(const Call& call);

// Runs the endpoint inside a transaction that also keeps the key and the answer; or gives the kept
// answer with `Idempotency-Replayed: true`. The handler's work is a savepoint: a refusal undoes it
// and is kept; 429, 5xx and faults before the handler undo all. Whoever comes while the first is
// under way waits for it, at most 10 s: at the gate when both are on one shard, else in PostgreSQL.
// The answer is kept sealed. Throws Refused: 400 for a bad key, 409 `idempotency_key_reused` for
// another request under the key, 409 `conflict` after the wait; and what the endpoint throws.
[[nodiscard]] Task<http::Response> run_once(Call& call, KeyGate& gate, const crypto::Vault& vault);

// Removes keys older than 24 h, at most 10,000 at a time; gives their number.
[[nodiscard]] Task<std::int64_t> forget_expired_keys(db::Session& db);

// Removes what is kept for one caller.
[[nodiscard]] Task<> forget_keys_of(db::Session& db, Uuid user);

}  // namespace wildnout::api
