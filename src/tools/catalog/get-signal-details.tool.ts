import { z } from 'zod';
import { AppError } from '../../errors/app-error.js';
import type { UserUpstream } from '../../pwa-be/pwa-be.client.js';
import type { WireSignal } from '../../pwa-be/pwa-be.types.js';
import { signalDetailsSchema, toSignalDetails } from '../shapes/signal-details.shape.js';
import { publicId } from '../shapes/text.js';
import { defineTool, READ_ONLY } from '../tool.js';

/** How far back is looked: pwa-be has no way to ask for one signal. */
const PAGES = 3;
const PAGE_SIZE = 50;

export const getSignalDetails = defineTool({
  name: 'get_signal_details',
  title: 'Signal details',
  description:
    'One TradeCafe signal by its signal_id: the fields of get_recent_signals, and the realized profit or loss once it has ' +
    `ended. Finds live signals and the ${PAGES * PAGE_SIZE} newest entries of the history. Reads only.`,
  scope: 'read:signals',
  annotations: READ_ONLY,
  input: z.strictObject({
    signal_id: z.string().min(1).max(128).describe('A signal_id from get_recent_signals.'),
  }),
  output: signalDetailsSchema,
  async handler({ signal_id }, { upstream }) {
    const row = find(await upstream.activeSignals(), signal_id) ?? (await findInHistory(upstream, signal_id));
    if (row === undefined) {
      throw new AppError('signal_not_found', {
        detail: `No live signal and none of the ${PAGES * PAGE_SIZE} newest entries of the history has this signal_id.`,
      });
    }
    return toSignalDetails(row);
  },
});

/** Page after page, because the newest is the likeliest and most users ask for that. */
async function findInHistory(upstream: UserUpstream, signalId: string): Promise<WireSignal | undefined> {
  for (let page = 1; page <= PAGES; page++) {
    const { items, totalPages } = await upstream.signalHistory({ page, limit: PAGE_SIZE });
    const row = find(items, signalId);
    if (row !== undefined || page >= totalPages) return row;
  }
  return undefined;
}

function find(rows: readonly WireSignal[], signalId: string): WireSignal | undefined {
  return rows.find((row) => publicId(row.id) === signalId);
}
