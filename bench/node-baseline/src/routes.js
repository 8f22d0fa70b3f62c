// The HTTP routes: battles, their list, votes.
import { authenticate, authenticateIfSent } from './auth.js';
import { config } from './config.js';
import { BattleNotFoundError } from './errors.js';
import { battle, battleList, byId, listQuery, vote, voteBody } from './schemas.js';

export function mountRoutes(api, { battles, cache, voting }) {
  const read = { onRequest: authenticateIfSent };

  api.get(
    '/battles/:id',
    { ...read, schema: { params: byId, response: { 200: battle } } },
    async (request, reply) => {
      const { id } = request.params;
      if (config.tuned) {
        const raw = await cache.getRaw(`battles:${id}`);
        if (raw) {
          reply.header('content-type', 'application/json; charset=utf-8').serializer((s) => s);
          return raw;
        }
      }
      const found = await battles.findById(id);
      if (!found) throw new BattleNotFoundError(id);
      return found;
    },
  );

  api.get(
    '/battles',
    { ...read, schema: { querystring: listQuery, response: { 200: battleList } } },
    async (request) => {
      const { status, limit, cursor } = request.query;
      const items = await battles.findByStatus(status, limit, cursor);
      return { items, cursor: items.length === limit ? items[limit - 1].id : null };
    },
  );

  api.post(
    '/battles/:id/votes',
    { onRequest: authenticate, schema: { params: byId, body: voteBody, response: { 201: vote } } },
    async (request, reply) => {
      const { userId, params, body } = request;
      const created = await voting.castVote(userId, params.id, body.entryId);
      reply.code(201);
      return created;
    },
  );
}
