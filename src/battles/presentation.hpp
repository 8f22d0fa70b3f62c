// Rows as clients see them.
#pragma once

#include "battles/entry_repository.hpp"
#include "battles/model.hpp"
#include "battles/repository.hpp"
#include "battles/result_repository.hpp"
#include "battles/vote_repository.hpp"

namespace wildnout::battles {

struct ReadyBattle;

[[nodiscard]] Battle present(const BattleRow& row);
[[nodiscard]] Entry present(const EntryRow& row);
[[nodiscard]] Vote present(const VoteRow& row);
[[nodiscard]] Results present(BattleId battle, const ResultsRow& row);
[[nodiscard]] Viewer present(const ViewerRow& viewer, const ReadyBattle& battle);

// Whether a battle's numbers are hidden now.
[[nodiscard]] bool is_tally_hidden(const Rules& rules, Status status);

// A strong validator: the version that If-Match compares, and the content.
[[nodiscard]] std::string etag_of(std::int32_t version, std::string_view content);
// The version in an If-Match field; nothing when it is absent or "*". A battle's counters change
// its content all the time and are no edit: a change is refused as stale by version alone.
[[nodiscard]] std::optional<std::int32_t> version_wanted(std::string_view if_match);

}  // namespace wildnout::battles
