// The sealer's loop.
#include "audit/sealer.hpp"

#include "audit/checking.hpp"
#include "audit/repository.hpp"
#include "platform/log/log.hpp"
#include "platform/metrics/metrics.hpp"

namespace wildnout::audit {
namespace {

using namespace std::chrono_literals;

constexpr auto seal_every = 1s;
constexpr auto partitions_every = 6h;
constexpr std::int32_t months_ahead = 3;
constexpr std::int32_t rows_a_seal = 1000;

metrics::Counter& forged_rows() {
  static metrics::Counter& counter = metrics::counter(
      "wildnout_audit_forged_rows_total", "Sightings of audit rows whose signature does not hold");
  return counter;
}

}  // namespace

Task<> Sealer::run() {
  auto next_partitions = std::chrono::steady_clock::now();
  while (!is_stopping_) {
    try {
      if (std::chrono::steady_clock::now() >= next_partitions) {
        co_await make_partitions(database_.session(db::Work::slow), months_ahead);
        next_partitions = std::chrono::steady_clock::now() + partitions_every;
      }
      co_await seal();
    } catch (const std::exception& fault) {
      log::warn("the audit trail is not sealed", {{"what", fault.what()}});
    }
    if (!is_stopping_) co_await signal_.wait_for(seal_every);
  }
}

void Sealer::stop() {
  is_stopping_ = true;
  signal_.raise();
}

Task<std::int64_t> Sealer::seal() {
  std::int64_t sealed = 0;
  std::optional<RowPlace> after;
  // Most of the time there is nothing: that is asked without opening a transaction.
  db::Session& session = database_.session(db::Work::slow);
  const Timestamp horizon = sealing_horizon(co_await find_last_seal(session));
  if ((co_await find_unsealed(session, horizon, std::nullopt, 1)).empty()) co_return 0;
  do {
    const Step step = co_await database_.transact(
        [this, after](db::Session& transaction) { return seal_in(transaction, after); });
    if (step.made) co_await keep(*step.made);
    sealed += step.sealed;
    after = step.next;
  } while (after && !is_stopping_);
  co_return sealed;
}

Task<Sealer::Step> Sealer::seal_in(db::Session& session, std::optional<RowPlace> after) {
  Step step;
  if (!co_await try_sealing_lock(session)) co_return step;
  const auto last = co_await find_last_seal(session);
  const auto rows = co_await find_unsealed(session, sealing_horizon(last), after, rows_a_seal);
  if (rows.size() == static_cast<std::size_t>(rows_a_seal)) {
    step.next = RowPlace{rows.back().created_at, rows.back().id};
  }
  std::vector<Record> good;
  for (const Record& record : rows) {
    if (is_signed(record, trail_.keys())) {
      good.push_back(record);
      continue;
    }
    forged_rows().add();
    log::error("an audit row was not written by the server", {{"rowId", record.id.text()}});
  }
  if (good.empty()) co_return step;
  std::vector<Uuid> ids;
  std::vector<db::Bytes> hashes;
  for (const Record& record : good) {
    ids.push_back(record.id);
    hashes.push_back(db::Bytes::of(hash_of(record)));
  }
  step.made = make_seal(good, last ? &*last : nullptr, co_await database_time(session),
                        trail_.keys().newest());
  step.sealed = static_cast<std::int64_t>(good.size());
  co_await insert_seal(session, *step.made, std::move(ids), std::move(hashes));
  co_return step;
}

// The log goes elsewhere, and the file lies beside: neither can be changed with SQL.
Task<> Sealer::keep(Seal seal) {
  log::info("audit trail sealed", {{"seal", seal.number},
                                   {"rows", seal.row_count},
                                   {"hash", crypto::hex(crypto::bytes_of(seal.hash.octets))}});
  db::Session& session = database_.session(db::Work::slow);
  const HeadFile file{folder_, co_await database_identity(session)};
  try {
    // A head that the chain does not lead through any more is evidence: it stays.
    if (const auto kept = file.read()) {
      const auto there = co_await find_seals(session, kept->number, 1);
      if (there.empty() || there[0].number != kept->number || there[0].hash.octets != kept->hash) {
        log::error("the audit trail no longer leads through its kept head",
                   {{"seal", kept->number}});
        co_return;
      }
    }
    file.write({seal.number, seal.hash.octets});
  } catch (const std::exception& fault) {
    log::warn("the head of the audit trail is kept in the log alone", {{"what", fault.what()}});
  }
}

}  // namespace wildnout::audit
