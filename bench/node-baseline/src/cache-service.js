// JSON values in Redis, each with a time to live.
import { logger } from './logger.js';

const TTL_MULTIPLIERS = { HEALTHY: 1, DEGRADED: 2, CRITICAL: 5 };
const getSystemStatus = () => 'HEALTHY';

export class CacheService {
  constructor(redis) {
    this.redis = redis;
  }

  async getRaw(key) {
    try {
      return await this.redis.get(`cache:${key}`);
    } catch (error) {
      logger.error({ error, key }, 'Cache get failed');
      return null;
    }
  }

  async get(key) {
    const cached = await this.getRaw(key);
    return cached ? JSON.parse(cached) : null;
  }

  async set(key, value, ttl = 60) {
    try {
      await this.redis.set(
        `cache:${key}`,
        JSON.stringify(value),
        'EX',
        ttl * TTL_MULTIPLIERS[getSystemStatus()],
      );
    } catch (error) {
      logger.error({ error, key }, 'Cache set failed');
    }
  }

  async invalidate(key) {
    try {
      await this.redis.del(`cache:${key}`);
    } catch (error) {
      logger.error({ error, key }, 'Cache invalidation failed');
    }
  }
}
