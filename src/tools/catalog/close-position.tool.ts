import { z } from 'zod';
import { AppError } from '../../errors/app-error.js';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import type { Observation, TradeFacts, WriteOperation } from '../../safety/write-operation.js';
import { closePreviewSchema, closeResultSchema, toClosePreview } from '../shapes/close.shape.js';
import { isPosition, tradeFacts } from '../shapes/rows.js';
import { publicId } from '../shapes/text.js';
import { defineWriteTool, MOVES_MONEY } from '../tool.js';
import { writeInput, writeOutput } from '../write-schemas.js';

const NAME = 'close_position';

const operation: WriteOperation = {
  tool: NAME,
  action: 'close',
  // An emergency exit does not wait, and looking never proves a close.
  exclusive: false,
  argument: 'position_id',

  async preview(upstream, { position_id: id }) {
    const row = findPosition(await upstream.activeTrades({ fresh: true }), id);
    if (row === undefined) throw new AppError('position_not_found', { data: { position_id: id } });
    return { shown: toClosePreview(row), facts: tradeFacts(row, row.positionCurrentPrice ?? row.price) };
  },

  // The price is not looked at: an emergency exit must not be refused because the market moves.
  compare(seen, now) {
    const identity = seen.id === now.id && seen.symbol === now.symbol;
    return identity && seen.side === now.side && seen.quantity === now.quantity ? 'same' : 'changed';
  },

  capAmount: () => undefined,
  send: (upstream, id, key, mayStart) => upstream.close(id, key, mayStart),

  async observe(upstream, facts) {
    const rows = await upstream.activeTrades({ fresh: true });
    return closeSeen(
      facts,
      rows.find((row) => row.id === facts.id && isPosition(row)),
    );
  },

  committed: ({ shown: { position_id, symbol, side } }, at) => ({ position_id, symbol, side, closed_at: at }),

  question({ shown: { side, symbol, current_price: price, expected_realized_pnl_usdt: pnl } }) {
    return `Close the position: ${String(side)} ${String(symbol)} at market, now ${String(price)}, result about ${String(pnl)} USDT.`;
  },
};

/** By its own id first: another position's group may carry the same one. */
function findPosition(rows: readonly WireSignal[], id: string | undefined): WireSignal | undefined {
  const positions = rows.filter(isPosition);
  return (
    positions.find((row) => publicId(row.id) === id) ??
    positions.find(({ openSignalId }) => openSignalId !== null && publicId(openSignalId) === id)
  );
}

/** A position that is gone may have hit its stop or target, or have been closed elsewhere: its absence proves nothing. */
function closeSeen(facts: TradeFacts, row: WireSignal | undefined): Observation {
  if (row === undefined) return { verdict: 'cannot_tell', saw: 'the position is no longer open' };
  if (row.quantity !== facts.quantity) return { verdict: 'cannot_tell', saw: 'the position is open in another size' };
  return { verdict: 'not_applied', saw: 'the position is still open' };
}

export const closePosition = defineWriteTool({
  name: NAME,
  title: 'Close a position',
  description:
    'Closes an open position at market, with real money; it cannot be undone. Two calls. The first (dry_run=true, the ' +
    'default) changes nothing and returns a preview (pair, side, current price, expected profit or loss, strategy) with ' +
    'an action_token. Show the preview to the user. Only if they agree, call again with the same position_id, ' +
    'dry_run=false and that action_token. The price may move in between; that never stops a close. A token works once, ' +
    'for five minutes. If an answer is lost, repeat the second call: it says what became of the first.',
  scope: 'write:trades',
  annotations: MOVES_MONEY,
  input: writeInput({
    position_id: z
      .string()
      .min(1)
      .max(200)
      .describe('The open position, as get_positions names it, or its openSignalId.'),
  }),
  output: writeOutput(closePreviewSchema, closeResultSchema),
  operation,
});
