// What each module does with all that it holds about one person: hand it out, and erase it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contracts/ids.hpp"
#include "platform/async/task.hpp"
#include "platform/db/session.hpp"
#include "platform/json/json.hpp"

namespace wildnout {

// Takes the records of one export as they are read, file by file.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // `items`: JSON texts with commas between them, a few hundred KiB at most; they go on the list of
  // that file. All of one file come one after another. Nothing to add: an empty list.
  [[nodiscard]] virtual Task<> add(std::string_view file, std::string items) = 0;
};

// One a module and shard. `file` is "module/what", without an ending.
class RecordKeeper {
 public:
  virtual ~RecordKeeper() = default;

  // Everything that is held about the person, but for other people's secrets. Reads in pages: the
  // memory that it takes does not grow with what there is.
  [[nodiscard]] virtual Task<> collect(db::Session& db, UserId user, RecordSink& sink) = 0;

  // Takes out whatever tells of the person, in the transaction that ends the account. Done again
  // some minutes later, for what requests that were under way have written since.
  [[nodiscard]] virtual Task<> erase(db::Session& db, UserId user) = 0;

  // The part of it that takes long to find: in steps of a second at most, a transaction each, after
  // `erase` has committed. Begins at "" and gives where the next step begins; nothing: that was the
  // last one. A step may be done again.
  [[nodiscard]] virtual Task<std::optional<std::string>> erase_step(db::Session&, UserId,
                                                                    std::string /*from*/) {
    co_return std::nullopt;
  }
};

// Every module's, in the order in which they are asked. They outlive who holds this.
using RecordKeepers = std::vector<RecordKeeper*>;

// Adds rows to a file.
template <class Row>
[[nodiscard]] Task<> add_rows(RecordSink& sink, std::string_view file,
                              const std::vector<Row>& rows) {
  std::string items;
  for (const Row& row : rows) {
    if (!items.empty()) items.push_back(',');
    json::write(items, row);
  }
  co_await sink.add(file, std::move(items));
}

}  // namespace wildnout
