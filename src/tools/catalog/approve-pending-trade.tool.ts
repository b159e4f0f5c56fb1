import { z } from 'zod';
import { AppError } from '../../errors/app-error.js';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import type { Observation, TradeFacts, WriteOperation } from '../../safety/write-operation.js';
import { approvalPreviewSchema, approvalResultSchema, toApprovalPreview } from '../shapes/approval.shape.js';
import { isSignal, tradeFacts } from '../shapes/rows.js';
import { publicId } from '../shapes/text.js';
import { defineWriteTool, MOVES_MONEY } from '../tool.js';
import { writeInput, writeOutput } from '../write-schemas.js';

const NAME = 'approve_pending_trade';

const operation: WriteOperation = {
  tool: NAME,
  action: 'approve',
  exclusive: true,
  argument: 'signal_id',

  async preview(upstream, { signal_id: id }) {
    const row = (await upstream.activeTrades({ fresh: true })).find(
      (candidate) => publicId(candidate.id) === id && mayBeApproved(candidate),
    );
    if (row === undefined) throw new AppError('pending_trade_not_found', { data: { signal_id: id } });
    return { shown: toApprovalPreview(row), facts: tradeFacts(row, row.price) };
  },

  compare(seen, now, tolerance) {
    const same = seen.id === now.id && seen.symbol === now.symbol && seen.side === now.side;
    const drift = Math.abs(now.price - seen.price);
    const moved = drift > Math.abs(seen.price) * tolerance;
    return same && seen.sizeUsdt === now.sizeUsdt && !moved ? 'same' : 'changed';
  },

  capAmount: ({ sizeUsdt }) => sizeUsdt,
  send: (upstream, id, key, mayStart) => upstream.approve(id, key, mayStart),

  async observe(upstream, facts) {
    const rows = await upstream.activeTrades({ fresh: true });
    return approvalSeen(
      facts,
      rows.find((row) => row.id === facts.id && isSignal(row)),
    );
  },

  committed: ({ shown: { signal_id, symbol, side } }, at) => ({ signal_id, symbol, side, approved_at: at }),

  question({ shown: { side, symbol, size_usdt: size, entry, stop_loss: stop } }) {
    return `Approve the pending trade: ${String(side)} ${String(symbol)}, ${String(size)} USDT at ${String(entry)}, stop-loss ${String(stop)}.`;
  },
};

/** Without pwa-be's flag anything of type `open` may wait for approval; with it, only what it marks. */
function mayBeApproved(row: WireSignal): boolean {
  return row.pending ?? isSignal(row);
}

/**
 * What a row tells about an approval. Only a flag that changed from pending proves one: without it the row looks the
 * same before and after, and a row that is gone may have been approved and closed, cancelled, or have expired.
 */
function approvalSeen(facts: TradeFacts, row: WireSignal | undefined): Observation {
  if (row === undefined) return { verdict: 'cannot_tell', saw: 'the trade is no longer listed' };
  if (row.pending === true) return { verdict: 'not_applied', saw: 'the trade still waits for approval' };
  if (row.pending === false && facts.pending === true) return { verdict: 'applied', saw: 'the trade is approved' };
  return { verdict: 'cannot_tell', saw: 'the trade is listed, but not whether it was approved' };
}

export const approvePendingTrade = defineWriteTool({
  name: NAME,
  title: 'Approve a pending trade',
  description:
    'Approves a trade that waits for the user in semi-automatic mode: the bot then opens the position with real money. ' +
    'Two calls. The first (dry_run=true, the default) changes nothing and returns a preview (pair, side, entry, size in ' +
    'USDT, stop-loss, take-profit, strategy) with an action_token. Show the preview to the user. Only if they agree, call ' +
    'again with the same signal_id, dry_run=false and that action_token. A token works once, for five minutes. If an ' +
    "answer is lost, repeat the second call: it says what became of the first. TradeCafe's risk engine may still refuse.",
  scope: 'write:trades',
  annotations: MOVES_MONEY,
  input: writeInput({
    signal_id: z.string().min(1).max(200).describe('The pending signal, as get_recent_signals names it.'),
  }),
  output: writeOutput(approvalPreviewSchema, approvalResultSchema),
  operation,
});
