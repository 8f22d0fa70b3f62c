// libpq's blocking calls, with faults as exceptions.
#include "platform/db/plain.hpp"

#include <libpq-fe.h>

#include <stdexcept>

namespace wildnout::db {
namespace {

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

void check(pg_conn* connection, const PGresult* answer) {
  const ExecStatusType status = PQresultStatus(answer);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
  const char* sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  throw Error{sqlstate != nullptr ? sqlstate : "08006", "", PQerrorMessage(connection)};
}

// A value in a libpq keyword string.
std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace

PlainConnection::PlainConnection(const std::string& url) : connection_{PQconnectdb(url.c_str())} {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw Error{"08001", "", PQerrorMessage(connection_.get())};
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

void PlainConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

void PlainConnection::run(const std::string& sql) {
  const Answer answer{PQexec(connection_.get(), sql.c_str()), &PQclear};
  check(connection_.get(), answer.get());
}

std::vector<std::vector<std::string>> PlainConnection::ask(
    const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const Answer answer{PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                   nullptr, values.data(), nullptr, nullptr, 0),
                      &PQclear};
  check(connection_.get(), answer.get());
  std::vector<std::vector<std::string>> rows;
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      cells.emplace_back(PQgetvalue(answer.get(), row, column));
    }
  }
  return rows;
}

std::string with_database(const std::string& url, const std::string& database) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
  if (!parsed) throw std::invalid_argument{"the database address cannot be read"};
  std::string out = "dbname=" + quoted(database);
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view{option->keyword} == "dbname") continue;
    out += ' ' + std::string{option->keyword} + '=' + quoted(option->val);
  }
  return out;
}

}  // namespace wildnout::db
