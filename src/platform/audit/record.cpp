// The canonical encoding.
#include "platform/audit/record.hpp"

#include "platform/values/spelling.hpp"

namespace wildnout::audit {
namespace {

constexpr std::string_view version = "wildnout-audit/1";

template <class Number>
void append_big_endian(Number number, std::string& out) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

void append_null(std::string& out) { append_big_endian(~std::uint32_t{0}, out); }

void append_maybe(const std::optional<std::string>& text, std::string& out) {
  text ? append_field(*text, out) : append_null(out);
}

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

}  // namespace

void append_field(std::string_view bytes, std::string& out) {
  append_big_endian(static_cast<std::uint32_t>(bytes.size()), out);
  out.append(bytes);
}

void append_field(std::uint64_t number, std::string& out) {
  append_big_endian(static_cast<std::uint32_t>(sizeof number), out);
  append_big_endian(number, out);
}

std::string canonical(const Record& record) {
  std::string out;
  append_field(version, out);
  append_field(bytes_of(record.id), out);
  append_field(static_cast<std::uint64_t>(record.created_at.time_since_epoch().count()), out);
  append_field(record.action_type, out);
  record.actor_id ? append_field(bytes_of(*record.actor_id), out) : append_null(out);
  append_maybe(record.subject_type, out);
  append_maybe(record.subject_id, out);
  append_field(spelled(record.severity), out);
  append_field(record.metadata, out);
  append_maybe(record.ip_address, out);
  append_maybe(record.user_agent, out);
  append_maybe(record.request_id, out);
  append_field(record.key_id, out);
  return out;
}

crypto::Sha256 hash_of(const Record& record) { return crypto::sha256(canonical(record)); }

crypto::Sha256 sign(const Record& record, const crypto::DerivedKey& key) {
  return crypto::hmac_sha256(crypto::ByteView{key.key}, crypto::bytes_of(canonical(record)));
}

}  // namespace wildnout::audit
