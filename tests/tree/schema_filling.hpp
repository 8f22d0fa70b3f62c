// Rows for every table of a schema, without knowing what they mean.
#pragma once

#include "platform/db/plain.hpp"

namespace wildnout::testing {

// Enough that the planner leaves a table's end-to-end scan when an index serves.
inline constexpr int rows_per_table = 5000;

// Fills every table of the schema `wildnout` with `rows_per_table` rows of differing values, half
// of what may be NULL being NULL, and gathers statistics. Drops foreign keys, checks and triggers
// first: for a database that is thrown away after.
void fill_tables(db::PlainConnection& server);

}  // namespace wildnout::testing
