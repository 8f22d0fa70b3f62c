// The statements on the trail's tables. There is none that changes or removes a row.
#pragma once

#include <optional>
#include <vector>

#include "audit/model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::audit {

// ---- reading

// The newest first, behind `after`.
[[nodiscard]] Task<std::vector<Record>> find_rows(db::Session& db, RowFilter filter,
                                                  std::optional<RowPlace> after,
                                                  std::int32_t limit);
[[nodiscard]] Task<std::vector<Record>> find_rows_by_id(db::Session& db, std::vector<Uuid> ids);

// By number, from `first` on.
[[nodiscard]] Task<std::vector<Seal>> find_seals(db::Session& db, std::int64_t first,
                                                 std::int32_t limit);
[[nodiscard]] Task<std::optional<Seal>> find_last_seal(db::Session& db);
// By position.
[[nodiscard]] Task<std::vector<SealRow>> find_seal_rows(db::Session& db, std::int64_t seal);

// Rows from `since` on that no seal covers, the oldest first, behind `after`.
[[nodiscard]] Task<std::vector<Record>> find_unsealed(db::Session& db, Timestamp since,
                                                      std::optional<RowPlace> after,
                                                      std::int32_t limit);

// ---- sealing

// False: another node is at it. Held until the transaction ends.
[[nodiscard]] Task<bool> try_sealing_lock(db::Session& db);
[[nodiscard]] Task<> insert_seal(db::Session& db, Seal seal, std::vector<Uuid> rows,
                                 std::vector<db::Bytes> hashes);
[[nodiscard]] Task<Timestamp> database_time(db::Session& db);
// Which database this is, for the name of the file that keeps its head.
[[nodiscard]] Task<std::string> database_identity(db::Session& db);

// ---- partitions

// Makes those of this month and the next ones that are missing; gives how many.
[[nodiscard]] Task<std::int32_t> make_partitions(db::Session& db, std::int32_t months_ahead);

}  // namespace wildnout::audit
