// The statement that adds a row.
#include "platform/audit/trail.hpp"

#include <algorithm>
#include <stdexcept>

#include "platform/audit/person_keys.hpp"
#include "platform/db/query.hpp"

namespace wildnout::audit {
namespace {

using Text = std::optional<std::string>;

constexpr std::size_t longest_agent = 512;           // bytes
constexpr std::size_t longest_metadata = 16 * 1024;  // bytes

const db::Query<Timestamp()> time_of_record{"time_of_record", "SELECT now_ms()"};

const db::Query<void(Uuid, Timestamp, std::string, std::optional<Uuid>, Text, Text, Severity,
                     std::string, Text, Text, Text, std::string, db::Bytes)>
    insert_record{"insert_record", R"sql(
  INSERT INTO audit_log (id, created_at, action_type, actor_id, subject_type, subject_id, severity,
                         metadata, ip_address, user_agent, request_id, key_id, mac)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))sql"};

Text known(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// At most so many bytes, no character cut in two, nothing that could not be stored.
std::string cut(std::string text, std::size_t longest) {
  if (text.size() > longest) {
    while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
    text.resize(longest);
  }
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return text;
}

// Header fields may hold any bytes; what is no ASCII could fail to be text for the database.
std::string ascii(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) > 0x7E; }, '?');
  return text;
}

}  // namespace

Author author_of(const api::Caller& caller, const api::Origin& origin) {
  return {caller.user_id, origin.remote.to_string(), std::string{origin.user_agent},
          std::string{origin.request_id}};
}

Trail Trail::with_random_key() { return Trail{crypto::KeyRing::parse(crypto::KeyRing::make("r"))}; }

Task<> Trail::record(db::Session& session, Author author, Fact fact) const {
  if (fact.metadata.size() > longest_metadata) throw std::length_error{"metadata of an audit row"};
  const crypto::DerivedKey& key = keys_.newest();
  Record record{.id = Uuid::make(),
                .created_at = co_await db::one(session, time_of_record),
                .action_type = std::move(fact.action),
                .actor_id = author.id,
                .subject_type = known(std::move(fact.subject_type)),
                .subject_id = known(std::move(fact.subject_id)),
                .severity = fact.severity,
                .metadata = std::move(fact.metadata),
                .ip_address = known(std::move(author.ip_address)),
                .user_agent = known(cut(ascii(std::move(author.user_agent)), longest_agent)),
                .request_id = known(std::move(author.request_id)),
                .key_id = key.id,
                .mac = {}};
  co_await seal_record(session, record);
  record.mac = db::Bytes::of(sign(record, key));
  co_await db::run(session, insert_record, record.id, record.created_at, record.action_type,
                   record.actor_id, record.subject_type, record.subject_id, record.severity,
                   record.metadata, record.ip_address, record.user_agent, record.request_id,
                   record.key_id, record.mac);
}

}  // namespace wildnout::audit
