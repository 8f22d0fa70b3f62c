// What the baseline asks PostgreSQL: named prepared statements behind the repository pattern.

export class BaseRepository {
  constructor(pool, tableName, cacheService) {
    this.pool = pool;
    this.tableName = tableName;
    this.cacheService = cacheService;
  }

  selectById() {
    return {
      name: `${this.tableName}_by_id`,
      text: `SELECT * FROM ${this.tableName} WHERE id = $1`,
    };
  }

  async findById(id, { useCache = true } = {}) {
    const cacheKey = `${this.tableName}:${id}`;
    if (useCache) {
      const cached = await this.cacheService.get(cacheKey);
      if (cached) return cached;
    }
    const result = await this.pool.query({ ...this.selectById(), values: [id] });
    if (result.rows.length === 0) return null;
    const item = this.mapRowToEntity(result.rows[0]);
    if (useCache) await this.cacheService.set(cacheKey, item, 300); // 5 minutes TTL
    return item;
  }

  async withTransaction(callback) {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await callback(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
}

export class BattleRepository extends BaseRepository {
  constructor(pool, cache) {
    super(pool, 'battles', cache);
  }

  selectById() {
    return {
      name: 'battle_by_id',
      text: `SELECT b.*, u.display_name AS creator_name, u.avatar_url AS creator_avatar
             FROM battles b JOIN users u ON u.id = b.creator_id WHERE b.id = $1`,
    };
  }

  // Keyset pages, soonest end first.
  async findByStatus(status, limit, cursor) {
    const result = cursor
      ? await this.pool.query({
          name: 'battles_by_status_after',
          text: `SELECT * FROM battles WHERE status = $1
                   AND (end_time, id) > (SELECT end_time, id FROM battles WHERE id = $3)
                 ORDER BY end_time, id LIMIT $2`,
          values: [status, limit, cursor],
        })
      : await this.pool.query({
          name: 'battles_by_status',
          text: 'SELECT * FROM battles WHERE status = $1 ORDER BY end_time, id LIMIT $2',
          values: [status, limit],
        });
    return result.rows.map(this.mapRowToEntity);
  }

  findActive(limit = 20, cursor) {
    return this.findByStatus('active', limit, cursor);
  }

  mapRowToEntity(r) {
    return {
      id: r.id,
      title: r.title,
      description: r.description,
      battleType: r.battle_type,
      rules: r.rules,
      status: r.status,
      creatorId: r.creator_id,
      startTime: r.start_time,
      endTime: r.end_time,
      votingStartTime: r.voting_start_time,
      votingEndTime: r.voting_end_time,
      participantCount: r.participant_count,
      entryCount: r.entry_count,
      voteCount: r.vote_count,
      featured: r.featured,
      createdAt: r.created_at,
      updatedAt: r.updated_at,
      creator:
        r.creator_name === undefined
          ? undefined
          : { id: r.creator_id, displayName: r.creator_name, avatarUrl: r.creator_avatar },
    };
  }
}

export class EntryRepository extends BaseRepository {
  constructor(pool, cache) {
    super(pool, 'battle_entries', cache);
  }

  async incrementVotes(client, entryId, battleId) {
    const result = await client.query({
      name: 'entry_inc_votes',
      text: `UPDATE battle_entries SET vote_count = vote_count + 1
             WHERE id = $1 AND battle_id = $2`,
      values: [entryId, battleId],
    });
    return result.rowCount;
  }
}

const mapVote = (r) => ({
  id: r.id,
  battleId: r.battle_id,
  entryId: r.entry_id,
  userId: r.user_id,
  timestamp: r.created_at,
});

export class VoteRepository extends BaseRepository {
  constructor(pool, cache) {
    super(pool, 'votes', cache);
  }

  async findUserVoteForEntry(client, userId, entryId) {
    const result = await client.query({
      name: 'vote_by_user_entry',
      text: 'SELECT * FROM votes WHERE user_id = $1 AND entry_id = $2',
      values: [userId, entryId],
    });
    return result.rows.length ? mapVote(result.rows[0]) : null;
  }

  async create(client, { battleId, entryId, userId, timestamp }) {
    const result = await client.query({
      name: 'vote_insert',
      text: `INSERT INTO votes (battle_id, entry_id, user_id, created_at)
             VALUES ($1, $2, $3, $4) RETURNING *`,
      values: [battleId, entryId, userId, timestamp],
    });
    return mapVote(result.rows[0]);
  }

  // tuned profile: the whole vote as one statement (its own transaction)
  async castInOneStatement(userId, battleId, entryId) {
    const result = await this.pool.query({
      name: 'vote_cast',
      text: `WITH v AS (
               INSERT INTO votes (battle_id, entry_id, user_id)
               SELECT $2, e.id, $1 FROM battle_entries e WHERE e.id = $3 AND e.battle_id = $2
               ON CONFLICT (user_id, entry_id) DO NOTHING RETURNING *),
             u AS (UPDATE battle_entries e SET vote_count = vote_count + 1
                   FROM v WHERE e.id = v.entry_id)
             SELECT v.*, EXISTS (SELECT 1 FROM battle_entries
                                 WHERE id = $3 AND battle_id = $2) AS entry_exists
             FROM (SELECT 1) one LEFT JOIN v ON true`,
      values: [userId, battleId, entryId],
    });
    const row = result.rows[0];
    return { vote: row.id ? mapVote(row) : null, entryExists: row.entry_exists };
  }
}
