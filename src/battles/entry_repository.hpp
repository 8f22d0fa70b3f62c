// The SQL of entries.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "battles/model.hpp"
#include "platform/db/session.hpp"

namespace wildnout::battles {

struct EntryRow {
  EntryId id;
  BattleId battle_id;
  UserId user_id;
  std::string author_name;
  std::optional<std::string> author_avatar;
  ContentType content_type;
  std::string body;
  EntryStatus status;
  ModerationStatus moderation_status;
  std::optional<std::string> moderation_reason;
  std::int64_t view_count;
  std::int64_t vote_count;
  std::int64_t comment_count;
  std::int64_t share_count;
  std::optional<std::int32_t> rank;
  std::optional<Timestamp> submission_time;
  std::int32_t version;
  Timestamp created_at;
  Timestamp updated_at;
  bool is_tally_hidden;                // by the battle's rules and state
  std::optional<std::string> shuffle;  // the place in the viewer's own random order
};
BOOST_DESCRIBE_STRUCT(EntryRow, (),
                      (id, battle_id, user_id, author_name, author_avatar, content_type, body,
                       status, moderation_status, moderation_reason, view_count, vote_count,
                       comment_count, share_count, rank, submission_time, version, created_at,
                       updated_at, is_tally_hidden, shuffle))

// Why an entry was not taken.
enum class EntryVerdict { taken, not_active, too_young, full, duplicate };
BOOST_DESCRIBE_ENUM(EntryVerdict, taken, not_active, too_young, full, duplicate)

struct NewEntry {
  EntryId id;
  BattleId battle_id;
  UserId user_id;
  ContentType content_type;
  std::string body;
};

// Where the page of entries before ended.
struct EntryPosition {
  std::optional<Timestamp> time;
  std::optional<std::int64_t> count;
  std::optional<std::string> shuffle;
  EntryId id;
};

// Which entries of a battle, for whom, in which order.
struct EntryQuery {
  BattleId battle;
  std::optional<UserId> viewer;
  bool sees_everything;  // entries that are not approved too
  EntrySort sort;
  std::string seed;  // of the random order: the same seed, the same order
  std::optional<EntryPosition> after;
  std::int32_t limit;
};

[[nodiscard]] Task<> insert_draft(db::Session& session, const NewEntry& entry);
[[nodiscard]] Task<> insert_submitted(db::Session& session, const NewEntry& entry);
[[nodiscard]] Task<> submit_draft(db::Session& session, EntryId id);

[[nodiscard]] Task<std::int64_t> count_drafts(db::Session& session, BattleId battle, UserId user);

// The battle's row must be locked (lock_battle): then the verdict holds until the commit. By
// database time, whatever the status says.
[[nodiscard]] Task<EntryVerdict> judge_entry(db::Session& session, BattleId battle, UserId user);

[[nodiscard]] Task<std::optional<EntryRow>> find_entry(db::Session& session, EntryId id);
[[nodiscard]] Task<std::optional<EntryRow>> lock_entry(db::Session& session, EntryId id);
[[nodiscard]] Task<> rewrite_entry(db::Session& session, EntryId id, ContentType type,
                                   std::string body);
[[nodiscard]] Task<> set_entry_status(db::Session& session, EntryId id, EntryStatus status);
[[nodiscard]] Task<> delete_draft(db::Session& session, EntryId id);
// Counts a battle's approved entries and their authors anew; the battle's row must be locked.
[[nodiscard]] Task<> recount_entries(db::Session& session, BattleId battle);

// The entries that `viewer` may see: approved ones, and their own.
[[nodiscard]] Task<std::vector<EntryRow>> list_entries(db::Session& session, EntryQuery query);

}  // namespace wildnout::battles
