// A statement as a named, typed, registered object, and the four ways to run one.
//
//   struct EntryRow { EntryId id; std::string body; std::optional<Timestamp> closed_at; };
//   BOOST_DESCRIBE_STRUCT(EntryRow, (), (id, body, closed_at))
//
//   const db::Query<EntryRow(BattleId, std::int32_t)> entries_of{"entries_of", R"sql(
//     SELECT id, body, closed_at FROM battle_entries WHERE battle_id = $1 LIMIT $2)sql"};
//   Task<std::vector<EntryRow>> find_entries(db::Session& db, BattleId battle, int limit) {
//     return db::all(db, entries_of, battle, limit);
//   }
//
// Row is a described struct (members = columns, in order, same names), a single column type, or
// void. Types: bool, std::int32_t, std::int64_t, double, std::string (text, json, jsonb),
// Uuid and Id<Tag>, Timestamp (timestamptz), db::Bytes (bytea), enums described with
// BOOST_DESCRIBE_ENUM (text, in the JSON spelling), std::optional<T> of these for nullable ones,
// std::vector<T> for arrays; as parameters also std::string_view.
#pragma once

// Implementation by the owner of platform/db.
// [[nodiscard]] Task<std::vector<Row>>   all(Session&, const Query<Row(P...)>&, P...);
// [[nodiscard]] Task<std::optional<Row>> maybe(Session&, query, P...);   more than one row: fault
// [[nodiscard]] Task<Row>                one(Session&, query, P...);     not exactly one: fault
// [[nodiscard]] Task<std::int64_t>       run(Session&, const Query<void(P...)>&, P...);  rows touched
