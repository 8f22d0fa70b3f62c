// Reads the catalogue and writes the INSERT statements.
#include "schema_filling.hpp"

#include <string>
#include <vector>

namespace wildnout::testing {
namespace {

constexpr const char* drop_rules = R"sql(
  DO $$ DECLARE rule record; BEGIN
    FOR rule IN
      SELECT conrelid::regclass AS owner, conname FROM pg_constraint
      WHERE connamespace = 'wildnout'::regnamespace AND contype IN ('c', 'f')
        AND conrelid <> 0 AND conislocal AND conparentid = 0
    LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.owner, rule.conname);
    END LOOP;
    FOR rule IN
      SELECT oid::regclass AS owner FROM pg_class
      WHERE relnamespace = 'wildnout'::regnamespace AND relkind = 'r'
    LOOP
      EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', rule.owner);
    END LOOP;
  END $$)sql";

// Tables and the leaves of partitioned ones; columns that can be written.
constexpr const char* list_columns = R"sql(
  SELECT c.oid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, NULL),
         a.attnotnull
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'wildnout'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
    AND c.relname <> 'schema_migrations'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  ORDER BY 1, a.attnum)sql";

// An SQL expression of type `type` over the row number `i`, another one for each row.
std::string value_of(const std::string& type) {
  if (type.ends_with("[]")) return "'{}'::" + type;
  if (type == "uuid") return "md5(i::text)::uuid";
  if (type == "boolean") return "i % 2 = 0";
  if (type == "timestamp with time zone") return "timestamptz '2026-01-01Z' + i * interval '1 min'";
  if (type == "bytea") return "decode(md5(i::text), 'hex')";
  if (type == "json" || type == "jsonb") return "'{}'::" + type;
  if (type == "date") return "date '2026-01-01' + i % 1000";
  if (type == "interval") return "i * interval '1 s'";
  if (type == "inet") return "'10.0.0.0'::inet + i";
  if (type == "text" || type.starts_with("character")) return "'v' || i";
  return "(i % 30000)::" + type;
}

}  // namespace

void fill_tables(db::PlainConnection& server) {
  server.run(drop_rules);
  std::string table;
  std::string names;
  std::string values;
  const auto fill = [&] {
    if (table.empty()) return;
    server.run("INSERT INTO " + table + " (" + names + ") OVERRIDING SYSTEM VALUE SELECT " +
               values + " FROM generate_series(1, " + std::to_string(rows_per_table) +
               ") AS i ON CONFLICT DO NOTHING");
  };
  for (const std::vector<std::string>& row : server.ask(list_columns)) {
    if (row[0] != table) {
      fill();
      table = row[0];
      names.clear();
      values.clear();
    }
    const bool is_required = row[3] == "t";
    const std::string value = value_of(row[2]);
    names += (names.empty() ? "" : ", ") + row[1];
    values += (values.empty() ? "" : ", ") +
              (is_required ? value : "CASE WHEN i % 2 = 0 THEN " + value + " END");
  }
  fill();
  server.run("VACUUM ANALYZE");
}

}  // namespace wildnout::testing
