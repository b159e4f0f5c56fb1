import { getPositions } from '../catalog/get-positions.tool.js';
import { getRecentSignals } from '../catalog/get-recent-signals.tool.js';
import { symbolFilter } from '../shapes/symbol.js';
import type { Completer } from './completer.js';

/** Pairs that the caller has positions in, then those that have signals: as far as the scopes go. */
export const symbols: Completer = {
  scopes: [getPositions.scope, getRecentSignals.scope],
  async read(context) {
    const { scopes } = context.principal;
    const rows = await Promise.all([
      scopes.has(getPositions.scope)
        ? getPositions.handler({ limit: 100 }, context).then(({ positions }) => positions)
        : [],
      scopes.has(getRecentSignals.scope)
        ? getRecentSignals.handler({ limit: 100, include_history: false }, context).then(({ signals }) => signals)
        : [],
    ]);
    // Only what an argument would take: whatever else stands in a symbol's place is no suggestion.
    return rows
      .flat()
      .map(({ symbol }) => symbol)
      .filter((symbol) => symbolFilter.safeParse(symbol).success);
  },
};
