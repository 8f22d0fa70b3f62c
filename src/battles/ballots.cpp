// Printing ballots, reading the server's records of them, counting.
#include "battles/ballots.hpp"

#include <algorithm>
#include <cstring>

#include "platform/crypto/digest.hpp"
#include "platform/json/canonical.hpp"
#include "platform/json/text.hpp"

namespace wildnout::battles {
namespace {

constexpr std::size_t entry_at = sizeof(Hash);
constexpr std::size_t weight_at = entry_at + 16;
constexpr std::size_t time_at = weight_at + 8;
static_assert(time_at + 8 == record_octets);

std::int64_t number_at(std::string_view octets, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value = value << 8 | static_cast<std::uint8_t>(octets[at + i]);
  return static_cast<std::int64_t>(value);
}

// Members in the order of their names: canonical JSON.
void begin_line(const PublicBallot& ballot, std::string& out) {
  out.append(R"({"createdAt":")");
  append_text_of(std::chrono::floor<std::chrono::seconds>(ballot.created_at), out);
  out.append(R"(","entryId":")");
  ballot.entry_id.value.append_to(out);
  out.append(R"(","leaf":")").append(crypto::hex(crypto::ByteView{ballot.leaf})).push_back('"');
}

void end_line(const PublicBallot& ballot, std::string& out) {
  out.append(R"(,"weight":)");
  json::append_integer(ballot.weight, out);
  out.append("}\n");
}

}  // namespace

void append_line(const PublicBallot& ballot, std::string& out) {
  begin_line(ballot, out);
  end_line(ballot, out);
}

void append_line(const PublicBallot& ballot, const VoidGround& ground, std::string& out) {
  begin_line(ballot, out);
  out.append(R"(,"voided":{)");
  if (ground.detector) {
    out.append(R"("detector":)");
    json::append_quoted(*ground.detector, out);
    out.push_back(',');
  }
  out.append(R"("reason":)");
  json::append_quoted(ground.reason, out);
  out.push_back('}');
  end_line(ballot, out);
}

PublicBallot read_record(std::string_view record) {
  PublicBallot ballot{};
  std::memcpy(ballot.leaf.data(), record.data(), sizeof(Hash));
  std::memcpy(ballot.entry_id.value.bytes.data(), record.data() + entry_at, 16);
  ballot.weight = number_at(record, weight_at);
  ballot.created_at = Timestamp{std::chrono::milliseconds{number_at(record, time_at)}};
  return ballot;
}

void Recount::add(const PublicBallot& ballot) {
  Count& count = entries_[ballot.entry_id];
  ++count.votes;
  count.weight += ballot.weight;
  count.last_vote_at = std::max(count.last_vote_at, std::optional{ballot.created_at});
  ++total_;
}

void Recount::add(const Recount& part) {
  for (const auto& [entry, other] : part.entries_) {
    Count& count = entries_[entry];
    count.votes += other.votes;
    count.weight += other.weight;
    count.last_vote_at = std::max(count.last_vote_at, other.last_vote_at);
  }
  total_ += part.total_;
}

Count Recount::of(EntryId entry) const {
  const auto found = entries_.find(entry);
  return found == entries_.end() ? Count{} : found->second;
}

std::vector<Standing> standings_of(const std::vector<Contender>& contenders,
                                   const Recount& recount) {
  std::vector<Standing> standings;
  standings.reserve(contenders.size());
  for (const Contender& contender : contenders) {
    const Count count = recount.of(contender.entry_id);
    standings.push_back({contender.entry_id, contender.user_id, count.votes, count.weight,
                         count.votes, count.last_vote_at, contender.submission_time});
  }
  return standings;
}

std::string rules_hash(std::string_view rules) {
  return crypto::hex(crypto::ByteView{crypto::sha256(json::canonical(rules))});
}

}  // namespace wildnout::battles
