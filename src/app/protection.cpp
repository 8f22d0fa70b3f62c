// The modules' protected columns, together.
#include "app/protection.hpp"

#include "identity/export_resealing_repository.hpp"
#include "identity/resealing_repository.hpp"
#include "platform/api/kept_answers.hpp"

namespace wildnout::app {

std::vector<protection::Column> protected_columns() {
  auto columns = identity::protected_columns();
  for (protection::Column& column : api::protected_columns()) columns.push_back(std::move(column));
  for (protection::Column& column : identity::protected_archives()) {
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace wildnout::app
