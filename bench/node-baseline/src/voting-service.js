// One vote: look first, then insert and count in one transaction, as the baseline's design says.
import { config } from './config.js';
import { AlreadyVotedError, BattleNotFoundError, NotFoundError } from './errors.js';

export class VotingService {
  constructor(voteRepo, entryRepo, battleRepo) {
    this.voteRepo = voteRepo;
    this.entryRepo = entryRepo;
    this.battleRepo = battleRepo;
  }

  async castVote(userId, battleId, entryId) {
    const battle = await this.battleRepo.findById(battleId);
    if (!battle || battle.status !== 'voting') throw new BattleNotFoundError(battleId);

    if (config.tuned) {
      const { vote, entryExists } = await this.voteRepo.castInOneStatement(
        userId,
        battleId,
        entryId,
      );
      if (vote) return vote;
      throw entryExists ? new AlreadyVotedError() : new NotFoundError('Entry', entryId);
    }

    try {
      return await this.voteRepo.withTransaction(async (client) => {
        const existing = await this.voteRepo.findUserVoteForEntry(client, userId, entryId);
        if (existing) throw new AlreadyVotedError();
        const vote = await this.voteRepo.create(client, {
          battleId,
          entryId,
          userId,
          timestamp: new Date(),
        });
        if ((await this.entryRepo.incrementVotes(client, entryId, battleId)) === 0)
          throw new NotFoundError('Entry', entryId);
        return vote;
      });
    } catch (error) {
      // 23505: another vote of the same pair won the race on the unique index
      if (error.code === '23505') throw new AlreadyVotedError();
      if (error.code === '23503') throw new NotFoundError('Entry', entryId);
      throw error;
    }
  }
}
