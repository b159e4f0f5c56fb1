import { refusal, type Answer } from './answer.js';
import type { SignalRow } from './wire-records.js';

export interface RiskSettings {
  maxOpenPositions: number;
  /** Percent that the account is down now. */
  drawdownPct: number;
  /** Percent from which nothing new is opened. */
  circuitBreakerPct: number;
}

export const DEFAULT_RISK: Readonly<RiskSettings> = { maxOpenPositions: 5, drawdownPct: 0, circuitBreakerPct: 30 };

/** Whether the row is a position that counts and that can be closed. */
export function isOpenPosition(row: SignalRow): boolean {
  return row.signalType === 'open' && row.active && row.pending !== true;
}

/** The risk engine's no to one more position, or undefined. Closing is never refused. */
export function refuseOpening(trades: readonly SignalRow[], risk: RiskSettings): Answer | undefined {
  if (risk.drawdownPct >= risk.circuitBreakerPct) {
    return refusal(
      422,
      `Risk engine: circuit breaker, the drawdown of ${risk.drawdownPct}% has reached ${risk.circuitBreakerPct}%`,
    );
  }
  if (trades.filter(isOpenPosition).length >= risk.maxOpenPositions) {
    return refusal(422, `Risk engine: at most ${risk.maxOpenPositions} positions may be open at a time`);
  }
  return undefined;
}
