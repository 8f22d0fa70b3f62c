// Prints the name of every registered query, one a line, for queries_ran.py.
#include <cstdio>

#include "platform/db/query.hpp"

int main() {
  for (const wildnout::db::QueryBase* query : wildnout::db::registered_queries()) {
    std::printf("%.*s\n", static_cast<int>(query->name().size()), query->name().data());
  }
}
