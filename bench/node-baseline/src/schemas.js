// JSON schemas of what the baseline takes and answers; Fastify compiles them.
const str = { type: 'string' };
const int = { type: 'integer' };
const uuid = { type: 'string', format: 'uuid' };
const date = { type: 'string', format: 'date-time' };
const creator = {
  type: 'object',
  nullable: true,
  properties: { id: str, displayName: str, avatarUrl: { ...str, nullable: true } },
};
export const battle = {
  type: 'object',
  properties: {
    id: str,
    title: str,
    description: str,
    battleType: str,
    rules: { type: 'object', additionalProperties: true },
    status: str,
    creatorId: str,
    startTime: date,
    endTime: date,
    votingStartTime: date,
    votingEndTime: date,
    participantCount: int,
    entryCount: int,
    voteCount: int,
    featured: { type: 'boolean' },
    createdAt: date,
    updatedAt: date,
    creator,
  },
};
export const vote = {
  type: 'object',
  properties: { id: str, battleId: str, entryId: str, userId: str, timestamp: date },
};
export const byId = { type: 'object', required: ['id'], properties: { id: uuid } };
const page = { limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, cursor: uuid };

export const health = { type: 'object', properties: { status: str } };
export const battleList = {
  type: 'object',
  properties: {
    items: { type: 'array', items: battle },
    cursor: { type: 'string', nullable: true },
  },
};
const statuses = ['upcoming', 'active', 'voting', 'completed'];
export const listQuery = {
  type: 'object',
  properties: { status: { type: 'string', enum: statuses, default: 'active' }, ...page },
};
export const voteBody = { type: 'object', required: ['entryId'], properties: { entryId: uuid } };
export const broadcastBody = {
  type: 'object',
  properties: { size: int, count: int, intervalMs: { type: 'number' } },
};
