import { getRecentSignals } from '../catalog/get-recent-signals.tool.js';
import type { Completer } from './completer.js';

/** Ids that get_signal_details finds: of live signals, then of the newest that have ended. */
export const signalIds: Completer = {
  scopes: [getRecentSignals.scope],
  async read(context) {
    const { signals } = await getRecentSignals.handler({ limit: 100, include_history: true }, context);
    return signals.map(({ signal_id }) => signal_id);
  },
};
