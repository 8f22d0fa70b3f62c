// Sealing with keys of persons, and their table.
#include "platform/audit/person_keys.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "platform/db/query.hpp"
#include "platform/values/random.hpp"

namespace wildnout::audit {

struct PersonSecret {
  Uuid person_id;
  db::Bytes secret;
};
BOOST_DESCRIBE_STRUCT(PersonSecret, (), (person_id, secret))

namespace {

constexpr std::string_view table = "audit_log";
constexpr std::string_view mark = "sealed:1:";
constexpr std::size_t person_characters = 36;
constexpr std::array<std::string_view, 2> written_by_people{"reason", "note"};
constexpr int deepest = 4;  // seals one inside the other; there are two at most

const db::Query<PersonSecret(std::vector<Uuid>)> secrets_of{"audit_secrets_of", R"sql(
  SELECT person_id, secret FROM person_keys WHERE person_id = ANY ($1))sql"};

// In the order of ids: two that make the same keys wait for each other in no circle.
const db::Query<void(std::vector<Uuid>, std::vector<db::Bytes>)> new_secrets{"audit_new_secrets",
                                                                             R"sql(
  INSERT INTO person_keys (person_id, secret)
  SELECT person_id, secret FROM unnest($1::uuid[], $2::bytea[]) AS one (person_id, secret)
   ORDER BY person_id
  ON CONFLICT DO NOTHING)sql"};

const db::Query<void(Uuid)> forgotten_secret{"audit_forgotten_secret",
                                             "DELETE FROM person_keys WHERE person_id = $1"};

crypto::Vault vault_of(const db::Bytes& secret) {
  return crypto::Vault{crypto::KeyRing::parse("p:" + crypto::hex(crypto::ByteView{secret.span()}))};
}

// The person and what is behind; nothing when the text is no sealed one.
struct Sealed {
  Uuid person;
  std::string octets;
};
std::optional<Sealed> sealed_in(std::string_view text) {
  if (!text.starts_with(mark)) return std::nullopt;
  text.remove_prefix(mark.size());
  const auto person = Uuid::parse(text.substr(0, person_characters));
  if (!person || text.size() <= person_characters + 1 || text[person_characters] != ':') {
    return std::nullopt;
  }
  auto octets = crypto::parse_base64url(text.substr(person_characters + 1));
  if (!octets) return std::nullopt;
  return Sealed{*person, std::move(*octets)};
}

std::vector<Uuid> persons_of(const Record& record) {
  std::vector<Uuid> persons;
  if (record.actor_id) persons.push_back(*record.actor_id);
  const auto subject = record.subject_id ? Uuid::parse(*record.subject_id) : std::nullopt;
  if (subject && subject != record.actor_id) persons.push_back(*subject);
  return persons;
}

// Calls `change(text, column)` for each text that tells of persons and puts what it gives in its
// place: nothing leaves the column empty, in metadata null. Says whether there was any.
template <class Change>
bool for_each_text(Record& record, Change change) {
  bool is_any = false;
  const auto one = [&](std::optional<std::string>& text, std::string_view column) {
    if (!text) return;
    is_any = true;
    text = change(std::move(*text), column);
  };
  one(record.ip_address, "ip_address");
  one(record.user_agent, "user_agent");
  // What the server makes is an id and tells nothing; what a client sends may say anything.
  if (record.request_id && !Uuid::parse(*record.request_id)) one(record.request_id, "request_id");
  boost::system::error_code error;
  boost::json::value metadata = boost::json::parse(record.metadata, error);
  if (error || !metadata.is_object()) return is_any;
  bool is_changed = false;
  for (const std::string_view name : written_by_people) {
    boost::json::value* value = metadata.get_object().if_contains(name);
    if (value == nullptr || !value->is_string()) continue;
    is_any = is_changed = true;
    const auto changed = change(std::string{value->get_string()}, name);
    if (changed) {
      *value = boost::json::string{*changed};
    } else {
      *value = nullptr;
    }
  }
  if (is_changed) record.metadata = boost::json::serialize(metadata);
  return is_any;
}

// Seals are nested with the actor's key inside: the outermost alone can be seen at once, but who
// the others are follows from the row.
std::vector<Uuid> persons_of(const std::vector<Record>& records) {
  std::vector<Uuid> persons;
  for (const Record& record : records) {
    for (const Uuid person : persons_of(record)) persons.push_back(person);
  }
  std::ranges::sort(persons);
  persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
  return persons;
}

}  // namespace

Task<PersonKeys> PersonKeys::find(db::Session& db, std::vector<Uuid> persons) {
  PersonKeys keys;
  for (const PersonSecret& one : co_await db::all(db, secrets_of, persons)) {
    keys.vaults_.emplace(one.person_id, vault_of(one.secret));
  }
  co_return keys;
}

Task<PersonKeys> PersonKeys::get_or_make(db::Session& db, std::vector<Uuid> persons) {
  PersonKeys keys = co_await find(db, persons);
  if (keys.vaults_.size() == persons.size()) co_return keys;
  std::vector<db::Bytes> secrets;
  for (std::size_t one = 0; one < persons.size(); ++one) {
    crypto::Sha256 secret;
    random_bytes(secret);
    secrets.push_back(db::Bytes::of(secret));
  }
  co_await db::run(db, new_secrets, persons, secrets);
  // Asked again: another transaction may have been first.
  co_return co_await find(db, persons);
}

std::string PersonKeys::seal(std::string text, const std::vector<Uuid>& persons, Uuid row,
                             std::string_view column) const {
  const std::string id = row.text();
  for (const Uuid person : persons) {
    const auto vault = vaults_.find(person);
    // The person's key was taken away this very moment: nobody is to read it any more.
    if (vault == vaults_.end()) return std::string{mark} + person.text() + ":AA";
    const std::string octets = vault->second.seal(text, {table, column, id});
    text = std::string{mark} + person.text() + ':' + crypto::base64url(octets);
  }
  return text;
}

std::optional<std::string> PersonKeys::open(std::string text, Uuid row,
                                            std::string_view column) const {
  const std::string id = row.text();
  for (int depth = 0; depth < deepest; ++depth) {
    const auto sealed = sealed_in(text);
    if (!sealed) return text;
    const auto vault = vaults_.find(sealed->person);
    if (vault == vaults_.end()) return std::nullopt;
    try {
      text = vault->second.open(sealed->octets, {table, column, id});
    } catch (const crypto::Unopenable&) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

Task<> seal_record(db::Session& db, Record& record) {
  const std::vector<Uuid> persons = persons_of(record);
  const auto same = [](std::string text, std::string_view) { return std::optional{text}; };
  if (persons.empty() || !for_each_text(record, same)) co_return;
  const PersonKeys keys = co_await PersonKeys::get_or_make(db, persons);
  for_each_text(record, [&](std::string text, std::string_view column) {
    return std::optional{keys.seal(std::move(text), persons, record.id, column)};
  });
}

Task<> open_records(db::Session& db, std::vector<Record>& records) {
  const PersonKeys keys = co_await PersonKeys::find(db, persons_of(records));
  for (Record& record : records) {
    for_each_text(record, [&](std::string text, std::string_view column) {
      return keys.open(std::move(text), record.id, column);
    });
  }
}

Task<> forget_person(db::Session& db, Uuid person) {
  co_await db::run(db, forgotten_secret, person);
}

}  // namespace wildnout::audit
