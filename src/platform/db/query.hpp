// A statement as a named, typed, registered object, and the four ways to run one.
//
//   struct ItemRow { ItemId id; std::string body; std::optional<Timestamp> closed_at; };
//   BOOST_DESCRIBE_STRUCT(ItemRow, (), (id, body, closed_at))
//
//   const db::Query<ItemRow(OwnerId, std::int32_t)> items_of{"items_of", R"sql(
//     SELECT id, body, closed_at FROM items WHERE owner_id = $1 LIMIT $2)sql"};
//   Task<std::vector<ItemRow>> find_items(db::Session& db, OwnerId owner, int limit) {
//     return db::all(db, items_of, owner, limit);
//   }
//
// Row is a described struct (members = columns, in order, same names; bases first), a single column
// type, or void. Types: bool, std::int32_t, std::int64_t, double, std::string (text, json, jsonb),
// Uuid and Id<Tag>, Timestamp (timestamptz), db::Bytes (bytea), enums described with
// BOOST_DESCRIBE_ENUM (text, in the JSON spelling), std::optional<T> of these for nullable ones,
// std::vector<T> for arrays; as parameters also std::string_view and std::span<const T>.
//
// Parameters are encoded, and the statement is sent, when the function is called, not when its task
// is awaited: two calls before the first await share a round trip.
#pragma once

#include <array>
#include <atomic>
#include <boost/describe/members.hpp>
#include <boost/describe/modifiers.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "platform/db/codec.hpp"
#include "platform/db/session.hpp"

namespace wildnout::db {

// The rows are not what the query declares: a wrong type, NULL where none may be, too many rows.
// A fault of the program or the schema; names the query and the column.
class Mismatch : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// One column of a row and how to read it into the row's object.
struct Column {
  std::string_view name;  // empty when Row is a single column: any name will do
  ValueType type;
  bool (*read)(const Cell& cell, void* row);
};

// Marks a query that many requests run: a check fails when its plan scans a table from end to end.
struct Hot {};
inline constexpr Hot hot{};

// The untyped part of a query. Lives as long as the program: namespace scope, literals for texts.
class QueryBase {
 public:
  QueryBase(const char* name, const char* sql, std::span<const ValueType> parameters,
            std::span<const Column> columns, bool has_rows, bool is_hot);
  ~QueryBase();
  QueryBase(const QueryBase&) = delete;
  QueryBase& operator=(const QueryBase&) = delete;

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] const char* sql() const { return sql_; }
  [[nodiscard]] std::span<const ValueType> parameters() const { return parameters_; }
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] bool has_rows() const { return has_rows_; }
  [[nodiscard]] bool is_hot() const { return is_hot_; }
  // The name of the prepared statement, and its number among all queries ever made here.
  [[nodiscard]] const char* statement_name() const { return statement_name_.c_str(); }
  [[nodiscard]] std::size_t index() const { return index_; }

  // Executions are noticed, not counted: a counter would be shared by all shards.
  void note_execution() const {
    if (!was_executed_.load(std::memory_order_relaxed)) {
      was_executed_.store(true, std::memory_order_relaxed);
    }
  }
  [[nodiscard]] bool was_executed() const { return was_executed_.load(std::memory_order_relaxed); }

 protected:
  // A statement of this folder's own, BEGIN and its like: not registered.
  QueryBase(const char* name, const char* sql);

 private:
  const char* name_;
  const char* sql_;
  std::span<const ValueType> parameters_;
  std::span<const Column> columns_;
  std::string statement_name_;
  std::size_t index_;
  bool has_rows_ = false;
  bool is_hot_ = false;
  bool is_registered_ = true;
  mutable std::atomic<bool> was_executed_{false};
};

// Every query of the program, by name. When the environment names a file in WILDNOUT_QUERY_LOG, the
// names of the executed ones are appended to it at exit.
[[nodiscard]] std::vector<const QueryBase*> registered_queries();

namespace detail {

template <class Row, class Descriptor>
bool read_member(const Cell& cell, void* row) {
  auto& member = static_cast<Row*>(row)->*Descriptor::pointer;
  return Codec<std::remove_cvref_t<decltype(member)>>::read(cell, member);
}

template <class Row>
bool read_value(const Cell& cell, void* row) {
  return Codec<Row>::read(cell, *static_cast<Row*>(row));
}

template <class Row, template <class...> class List, class... Descriptor>
constexpr auto columns_of_members(List<Descriptor...>) {
  return std::array<Column, sizeof...(Descriptor)>{
      {{Descriptor::name,
        Codec<std::remove_cvref_t<decltype(std::declval<Row&>().*Descriptor::pointer)>>::type,
        &read_member<Row, Descriptor>}...}};
}

template <class Row>
constexpr auto columns_of() {
  if constexpr (std::is_void_v<Row>) {
    return std::array<Column, 0>{};
  } else if constexpr (boost::describe::has_describe_members<Row>::value) {
    using namespace boost::describe;
    return columns_of_members<Row>(describe_members<Row, mod_any_access | mod_inherited>{});
  } else {
    return std::array<Column, 1>{{{{}, Codec<Row>::type, &read_value<Row>}}};
  }
}

template <class Row>
inline constexpr auto row_columns = columns_of<Row>();

template <class... Parameter>
inline constexpr std::array<ValueType, sizeof...(Parameter)> parameter_types{
    Codec<std::remove_cvref_t<Parameter>>::type...};

}  // namespace detail

template <class Signature>
class Query;

template <class Row, class... P>
class Query<Row(P...)> : public QueryBase {
 public:
  static_assert(sizeof...(P) <= max_parameters);

  Query(const char* name, const char* sql) : Query{name, sql, false} {}
  Query(const char* name, const char* sql, Hot) : Query{name, sql, true} {}

 private:
  Query(const char* name, const char* sql, bool is_hot)
      : QueryBase{name,
                  sql,
                  detail::parameter_types<P...>,
                  detail::row_columns<Row>,
                  !std::is_void_v<Row>,
                  is_hot} {}
};

// A query with its parameters, ready to be sent.
struct Statement {
  const QueryBase* query;
  Parameters parameters;
};

namespace detail {

// Throw Mismatch.
void check_columns(const QueryBase& query, const Result& result);
void read_row(const QueryBase& query, const Result& result, int row, void* out);
[[noreturn]] void refuse_row_count(const QueryBase& query, int rows, const char* wanted);

template <class Row>
Row read_row_as(const QueryBase& query, const Result& result, int row) {
  Row value{};
  read_row(query, result, row, &value);
  return value;
}

template <class Row>
std::vector<Row> read_all(const QueryBase& query, const Result& result) {
  check_columns(query, result);
  std::vector<Row> rows;
  rows.reserve(static_cast<std::size_t>(result.rows()));
  for (int i = 0; i < result.rows(); ++i) rows.push_back(read_row_as<Row>(query, result, i));
  return rows;
}

template <class Row>
std::optional<Row> read_maybe(const QueryBase& query, const Result& result) {
  check_columns(query, result);
  if (result.rows() > 1) refuse_row_count(query, result.rows(), "at most one");
  if (result.rows() == 0) return std::nullopt;
  return read_row_as<Row>(query, result, 0);
}

template <class Row>
Row read_one(const QueryBase& query, const Result& result) {
  check_columns(query, result);
  if (result.rows() != 1) refuse_row_count(query, result.rows(), "exactly one");
  return read_row_as<Row>(query, result, 0);
}

inline std::int64_t read_affected(const QueryBase&, const Result& result) {
  return result.affected();
}

template <class... P>
Parameters encode(const P&... arguments) {
  Parameters parameters;
  (parameters.add(arguments), ...);
  return parameters;
}

template <class Value>
Task<Value> read_when_done(const QueryBase& query, Task<Result> done,
                           Value (*read)(const QueryBase&, const Result&)) {
  const Result result = co_await std::move(done);
  co_return read(query, result);
}

template <class Value, class... P>
Task<Value> ask(Session& session, const QueryBase& query,
                Value (*read)(const QueryBase&, const Result&), const P&... arguments) {
  return read_when_done(query, session.execute(query, encode(arguments...)), read);
}

}  // namespace detail

template <class Row, class... P>
[[nodiscard]] Task<std::vector<Row>> all(Session& session, const Query<Row(P...)>& query,
                                         const std::type_identity_t<P>&... arguments) {
  return detail::ask(session, query, &detail::read_all<Row>, arguments...);
}

// More than one row: Mismatch.
template <class Row, class... P>
[[nodiscard]] Task<std::optional<Row>> maybe(Session& session, const Query<Row(P...)>& query,
                                             const std::type_identity_t<P>&... arguments) {
  return detail::ask(session, query, &detail::read_maybe<Row>, arguments...);
}

// Not exactly one row: Mismatch.
template <class Row, class... P>
[[nodiscard]] Task<Row> one(Session& session, const Query<Row(P...)>& query,
                            const std::type_identity_t<P>&... arguments) {
  return detail::ask(session, query, &detail::read_one<Row>, arguments...);
}

// The count of rows touched.
template <class... P>
[[nodiscard]] Task<std::int64_t> run(Session& session, const Query<void(P...)>& query,
                                     const std::type_identity_t<P>&... arguments) {
  return detail::ask(session, query, &detail::read_affected, arguments...);
}

// A statement with its parameters and the way to read its result, for `together`.
template <class Value>
struct Call {
  Statement statement;
  Value (*read)(const QueryBase&, const Result&);
};

namespace later {

template <class Row, class... P>
[[nodiscard]] Call<std::vector<Row>> all(const Query<Row(P...)>& query,
                                         const std::type_identity_t<P>&... arguments) {
  return {{&query, detail::encode(arguments...)}, &detail::read_all<Row>};
}

template <class Row, class... P>
[[nodiscard]] Call<std::optional<Row>> maybe(const Query<Row(P...)>& query,
                                             const std::type_identity_t<P>&... arguments) {
  return {{&query, detail::encode(arguments...)}, &detail::read_maybe<Row>};
}

template <class Row, class... P>
[[nodiscard]] Call<Row> one(const Query<Row(P...)>& query,
                            const std::type_identity_t<P>&... arguments) {
  return {{&query, detail::encode(arguments...)}, &detail::read_one<Row>};
}

template <class... P>
[[nodiscard]] Call<std::int64_t> run(const Query<void(P...)>& query,
                                     const std::type_identity_t<P>&... arguments) {
  return {{&query, detail::encode(arguments...)}, &detail::read_affected};
}

}  // namespace later

namespace detail {

template <class... Value, std::size_t... I>
std::tuple<Value...> read_together(const std::vector<Result>& results,
                                   const std::tuple<Call<Value>...>& calls,
                                   std::index_sequence<I...>) {
  return {std::get<I>(calls).read(*std::get<I>(calls).statement.query, results[I])...};
}

template <class... Value>
Task<std::tuple<Value...>> together_when_done(Task<std::vector<Result>> done,
                                              std::tuple<Call<Value>...> calls) {
  const std::vector<Result> results = co_await std::move(done);
  co_return read_together(results, calls, std::index_sequence_for<Value...>{});
}

}  // namespace detail

// Several statements in one round trip, one after the other, all or none: the first that fails
// ends the rest and its error is thrown. On a shared session they are one transaction of their own
// (READ COMMITTED), durable when the task ends: no BEGIN or COMMIT is needed around them.
//
//   auto [owner, added] = co_await db::together(
//       database.session(db::Work::writes), db::later::maybe(lock_owner, id),
//       db::later::all(add_items, id, items));
template <class... Value>
[[nodiscard]] Task<std::tuple<Value...>> together(Session& session, Call<Value>... calls) {
  std::vector<Statement> statements{calls.statement...};
  return detail::together_when_done<Value...>(session.execute_together(std::move(statements)),
                                              std::tuple<Call<Value>...>{std::move(calls)...});
}

}  // namespace wildnout::db
