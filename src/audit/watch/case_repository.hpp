// The statements on cases, and on how far the watch has looked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/watch/model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit::watch {

// ---- the watch

// Nothing: another node is looking. Held until the transaction ends.
[[nodiscard]] Task<std::optional<Position>> lock_position(db::Session& db);
[[nodiscard]] Task<> move_position(db::Session& db, Position position);
// 0: there is no seal.
[[nodiscard]] Task<std::int64_t> newest_seal(db::Session& db);
[[nodiscard]] Task<Timestamp> time_now(db::Session& db);

// Of resolved cases whose facts reach beyond `from`.
[[nodiscard]] Task<std::vector<JudgedRow>> find_judged(db::Session& db, Timestamp from);
// When the oldest facts begin of open cases of these subjects that began after `from`.
[[nodiscard]] Task<std::optional<Timestamp>> open_since(db::Session& db,
                                                        std::vector<std::string> subjects,
                                                        Timestamp from);

// Opens a case, or adds the facts to the open one of that kind and subject. True: opened.
[[nodiscard]] Task<bool> insert_or_extend(db::Session& db, Finding finding, DetectorMode mode);

// ---- administrators

// The newest first, behind `after`.
[[nodiscard]] Task<std::vector<CaseRow>> find_cases(db::Session& db, CaseFilter filter,
                                                    std::optional<Uuid> after, std::int32_t limit);
// Waits until nobody looks, and keeps the watch from looking until the transaction ends: what is
// resolved now must not be taken for facts that nobody has judged.
[[nodiscard]] Task<> hold_watch(db::Session& db);
// Locks it.
[[nodiscard]] Task<std::optional<CaseRow>> lock_case(db::Session& db, Uuid id);
[[nodiscard]] Task<> resolve_case(db::Session& db, Uuid id, AnomalyResolution resolution,
                                  std::string note, Uuid by);

}  // namespace wildnout::audit::watch
