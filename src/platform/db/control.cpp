// The statements of this folder's own; they take no parameters and stay out of the registry.
#include "platform/db/control.hpp"

namespace wildnout::db::control {
namespace {

class Control : public QueryBase {
 public:
  Control(const char* name, const char* sql) : QueryBase{name, sql} {}
};

const Control begin_statement{"begin", "BEGIN ISOLATION LEVEL READ COMMITTED"};
const Control commit_statement{"commit", "COMMIT"};
const Control roll_back_statement{"roll_back", "ROLLBACK"};
const Control savepoint_statement{"savepoint", "SAVEPOINT scope"};
const Control release_statement{"release", "RELEASE SAVEPOINT scope"};
const Control roll_back_to_statement{"roll_back_to_savepoint", "ROLLBACK TO SAVEPOINT scope"};
const Control probe_statement{"probe", "SELECT 1"};

}  // namespace

const QueryBase& begin() { return begin_statement; }
const QueryBase& commit() { return commit_statement; }
const QueryBase& roll_back() { return roll_back_statement; }
const QueryBase& savepoint() { return savepoint_statement; }
const QueryBase& release() { return release_statement; }
const QueryBase& roll_back_to_savepoint() { return roll_back_to_statement; }
const QueryBase& probe() { return probe_statement; }

}  // namespace wildnout::db::control
