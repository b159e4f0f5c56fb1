import { z } from 'zod';
import { positionSchema, toPosition } from '../shapes/position.shape.js';
import { isPosition } from '../shapes/rows.js';
import { defineTool, READ_ONLY } from '../tool.js';

export const getPositions = defineTool({
  name: 'get_positions',
  title: 'Positions',
  description:
    "The user's positions, open ones first: pair, side, size, entry and current price, profit or loss, stop-loss, " +
    'take-profit, times. Closed ones come from the newest page of the history. Trades that still wait for approval are ' +
    'not positions and are not listed. Reads only.',
  scope: 'read:positions',
  annotations: READ_ONLY,
  input: z.strictObject({
    status: z.enum(['open', 'closed']).optional().describe('Only these positions. Both when left out.'),
    limit: z.int().min(1).max(200).default(50).describe('At most this many positions.'),
  }),
  output: z.strictObject({ positions: z.array(positionSchema) }),
  async handler({ status, limit }, { upstream }) {
    const [open, closed] = await Promise.all([
      status === 'closed' ? [] : upstream.activeTrades(),
      status === 'open' ? [] : upstream.tradeHistory({ page: 1, limit }).then((page) => page.items),
    ]);
    return { positions: [...open, ...closed].filter(isPosition).slice(0, limit).map(toPosition) };
  },
});
