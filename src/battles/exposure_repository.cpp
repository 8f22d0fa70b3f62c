// Statements on impressions: what may be dealt, one dealer's counts, the sums.
#include "battles/exposure_repository.hpp"

#include "platform/db/query.hpp"

namespace wildnout::battles {
namespace {

const db::Query<VotingTime(BattleId)> voting_time{"voting_time", R"sql(
  SELECT hide_tally AND next_step_at IS NOT NULL AS is_secret,
    CASE WHEN next_step_at IS NOT NULL THEN
      (extract(epoch FROM voting_start_time - clock_timestamp()) * 1000)::bigint END AS opens_in,
    CASE WHEN next_step_at IS NOT NULL THEN
      (extract(epoch FROM voting_end_time - clock_timestamp()) * 1000)::bigint END AS closes_in
  FROM battles WHERE id = $1)sql",
                                                  db::hot};

struct CandidateRow {
  EntryId entry_id;
  UserId author_id;
  std::int64_t turns_elsewhere;
  std::int64_t turns;
  std::int64_t impressions;
};
BOOST_DESCRIBE_STRUCT(CandidateRow, (), (entry_id, author_id, turns_elsewhere, turns, impressions))

const db::Query<CandidateRow(BattleId, Uuid)> candidates_of_battle{"candidates_of_battle", R"sql(
  SELECT entry.id AS entry_id, entry.user_id AS author_id,
    coalesce(sum(seen.turns) FILTER (WHERE seen.dealer_id <> $2), 0)::bigint AS turns_elsewhere,
    coalesce(sum(seen.turns) FILTER (WHERE seen.dealer_id = $2), 0)::bigint AS turns,
    coalesce(sum(seen.impressions) FILTER (WHERE seen.dealer_id = $2), 0)::bigint AS impressions
  FROM battle_entries AS entry
  LEFT JOIN battle_impressions AS seen ON seen.battle_id = $1 AND seen.entry_id = entry.id
  WHERE entry.battle_id = $1 AND entry.status = 'submitted'
    AND entry.moderation_status = 'approved'
  GROUP BY entry.id)sql",
                                                                   db::hot};

// greatest(): counts only grow, so a write that was overtaken by a later one changes nothing.
const db::Query<void(Uuid, std::vector<BattleId>, std::vector<EntryId>, std::vector<std::int64_t>,
                     std::vector<std::int64_t>)>
    write_impression_rows{"write_impressions", R"sql(
  INSERT INTO battle_impressions AS seen (battle_id, entry_id, dealer_id, impressions, turns)
  SELECT battle_id, entry_id, $1, impressions, turns
  FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])
    AS count (battle_id, entry_id, impressions, turns)
  ON CONFLICT (battle_id, entry_id, dealer_id) DO UPDATE
    SET impressions = greatest(seen.impressions, excluded.impressions),
        turns = greatest(seen.turns, excluded.turns))sql",
                          db::hot};

const db::Query<EntryImpressions(BattleId)> impressions_of_battle{"impressions_of_battle", R"sql(
  SELECT entry_id, sum(impressions)::bigint AS impressions FROM battle_impressions
  WHERE battle_id = $1 GROUP BY entry_id)sql"};

}  // namespace

Task<std::optional<Deck>> find_deck(db::Session& session, BattleId battle, Uuid dealer) {
  auto [voting, rows] = co_await db::together(session, db::later::maybe(voting_time, battle),
                                              db::later::all(candidates_of_battle, battle, dealer));
  if (!voting) co_return std::nullopt;
  Deck deck{*voting, {}};
  deck.candidates.reserve(rows.size());
  for (const CandidateRow& row : rows) {
    deck.candidates.push_back(
        {row.entry_id, row.author_id, row.turns_elsewhere, {row.impressions, row.turns}});
  }
  co_return deck;
}

Task<> write_impressions(db::Session& session, Uuid dealer,
                         const std::vector<ImpressionRow>& rows) {
  std::vector<BattleId> battles;
  std::vector<EntryId> entries;
  std::vector<std::int64_t> impressions;
  std::vector<std::int64_t> turns;
  for (const ImpressionRow& row : rows) {
    battles.push_back(row.battle_id);
    entries.push_back(row.entry_id);
    impressions.push_back(row.exposure.impressions);
    turns.push_back(row.exposure.turns);
  }
  co_await db::run(session, write_impression_rows, dealer, battles, entries, impressions, turns);
}

Task<std::vector<EntryImpressions>> find_impressions(db::Session& session, BattleId battle) {
  return db::all(session, impressions_of_battle, battle);
}

}  // namespace wildnout::battles
