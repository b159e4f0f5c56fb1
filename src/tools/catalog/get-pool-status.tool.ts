import { z } from 'zod';
import { poolStatusSchema, toPoolStatus } from '../shapes/pool.shape.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getPoolStatus = defineTool({
  name: 'get_pool_status',
  title: 'Trading Pool status',
  description:
    "The user's own stakes in the TradeCafe Trading Pool: allocated USDT, rewards earned and pending, and each active stake " +
    'with its payments. Says nothing about the pool as a whole. Reads only.',
  scope: 'read:pool',
  annotations: READ_ONLY,
  input: z.strictObject({}),
  output: poolStatusSchema,
  async handler(_args, { upstream }) {
    return toPoolStatus(await upstream.stakes());
  },
});
