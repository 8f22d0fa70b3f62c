// The registry of queries, and reading rows by a query's declaration.
#include "platform/db/query.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <set>

namespace wildnout::db {
namespace {

// Queries register before main and, in tests, from any thread: hence the lock. Never destroyed, so
// that it outlives every query.
class Registry {
 public:
  static Registry& instance() {
    static Registry* const registry = new Registry;
    return *registry;
  }

  std::size_t next_index() { return next_index_.fetch_add(1, std::memory_order_relaxed); }

  void add(const QueryBase& query) {
    const std::lock_guard lock{mutex_};
    queries_.push_back(&query);
  }

  void remove(const QueryBase& query) {
    const std::lock_guard lock{mutex_};
    std::erase(queries_, &query);
    if (query.was_executed()) executed_.emplace(query.name());
  }

  std::vector<const QueryBase*> all() {
    const std::lock_guard lock{mutex_};
    return queries_;
  }

 private:
  // Queries die before this runs: they are made after the registry, which registers it first.
  Registry() {
    if (std::getenv("WILDNOUT_QUERY_LOG") != nullptr) std::atexit([] { instance().write_log(); });
  }

  void write_log() {
    std::string lines;
    for (const std::string& name : executed_) lines += name + '\n';
    const int file =
        ::open(std::getenv("WILDNOUT_QUERY_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    // One write: programs that end at the same time must not mix their lines.
    [[maybe_unused]] const ssize_t written = ::write(file, lines.data(), lines.size());
    ::close(file);
  }

  std::mutex mutex_;
  std::vector<const QueryBase*> queries_;
  std::set<std::string> executed_;
  std::atomic<std::size_t> next_index_{0};
};

std::string describe(const QueryBase& query, std::size_t column) {
  const std::string_view name = query.columns()[column].name;
  std::string text =
      "query " + std::string{query.name()} + ", column " + std::to_string(column + 1);
  if (!name.empty()) text += " (" + std::string{name} + ")";
  return text;
}

}  // namespace

QueryBase::QueryBase(const char* name, const char* sql, std::span<const ValueType> parameters,
                     std::span<const Column> columns, bool has_rows, bool is_hot)
    : name_{name},
      sql_{sql},
      parameters_{parameters},
      columns_{columns},
      index_{Registry::instance().next_index()},
      has_rows_{has_rows},
      is_hot_{is_hot} {
  statement_name_ = std::string{name} + "." + std::to_string(index_);
  Registry::instance().add(*this);
}

QueryBase::QueryBase(const char* name, const char* sql)
    : name_{name}, sql_{sql}, index_{Registry::instance().next_index()}, is_registered_{false} {
  statement_name_ = std::string{name} + "." + std::to_string(index_);
}

QueryBase::~QueryBase() {
  if (is_registered_) Registry::instance().remove(*this);
}

std::vector<const QueryBase*> registered_queries() {
  std::vector<const QueryBase*> queries = Registry::instance().all();
  std::ranges::sort(queries, {}, &QueryBase::name);
  return queries;
}

namespace detail {

void check_columns(const QueryBase& query, const Result& result) {
  const auto columns = query.columns();
  if (static_cast<std::size_t>(result.columns()) != columns.size()) {
    throw Mismatch{"query " + std::string{query.name()} + " gives " +
                   std::to_string(result.columns()) + " columns, not " +
                   std::to_string(columns.size())};
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::uint32_t oid = result.type(static_cast<int>(i));
    if (!fits(columns[i].type, oid)) {
      throw Mismatch{describe(query, i) + " is of the type with oid " + std::to_string(oid) +
                     ", not " + std::string{columns[i].type.name}};
    }
  }
}

void read_row(const QueryBase& query, const Result& result, int row, void* out) {
  const auto columns = query.columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Cell cell = result.cell(row, static_cast<int>(i));
    if (columns[i].read(cell, out)) continue;
    throw Mismatch{describe(query, i) +
                   (cell.is_null() ? " is NULL but not optional" : " has a value that is no ") +
                   (cell.is_null() ? "" : std::string{columns[i].type.name} + " of its C++ type")};
  }
}

void refuse_row_count(const QueryBase& query, int rows, const char* wanted) {
  throw Mismatch{"query " + std::string{query.name()} + " gives " + std::to_string(rows) +
                 " rows, not " + wanted};
}

}  // namespace detail
}  // namespace wildnout::db
