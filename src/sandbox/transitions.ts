import { refusal, type Answer } from './answer.js';
import { profitPercent, round, utcDate } from './numbers.js';
import { isOpenPosition, refuseOpening, type RiskSettings } from './risk-engine.js';
import type { SignalRow, UserData } from './wire-records.js';

/** What a write did: undefined when it was applied, else pwa-be's refusal, with nothing changed. */
type Refused = Answer | undefined;

/**
 * Approves a waiting signal: its row becomes an open position and counts as opened today.
 * @param approved ids approved before; gains this one
 */
export function approve(data: UserData, approved: Set<string>, id: string, risk: RiskSettings, now: Date): Refused {
  if (approved.has(id)) return refusal(409, `Signal ${id} is approved already`);
  const row = data.trades.find((candidate) => candidate.id === id && candidate.signalType === 'open');
  if (row?.pending !== true) return refusal(404, `No signal ${id} is waiting for approval`);
  const refused = refuseOpening(data.trades, risk);
  if (refused !== undefined) return refused;
  approved.add(id);
  Object.assign(row, {
    active: true,
    pending: false,
    updatedAt: now.toISOString(),
    positionCurrentPrice: row.positionCurrentPrice ?? row.price,
    positionCurrentQty: row.quantity,
  });
  addToChart(data, now, { opened: 1, pnl: 0 });
  return undefined;
}

/** Closes an open position at market: it moves to the history with its events, its result into today's chart entry. */
export function close(data: UserData, id: string, now: Date): Refused {
  const row = data.trades.find((candidate) => candidate.id === id);
  if (row === undefined || !isOpenPosition(row)) return refusal(404, `No open position ${id}`);
  const groups = new Set<unknown>([row.id, row.openSignalId ?? row.id]);
  const isEvent = ({ signalType, openSignalId }: SignalRow) => signalType !== 'open' && groups.has(openSignalId);
  const moved = [...data.trades.filter(isEvent), row];
  data.trades = data.trades.filter((candidate) => !moved.includes(candidate));
  for (const gone of moved) gone.active = false;
  Object.assign(row, { updatedAt: now.toISOString(), positionCurrentQty: 0 });
  data.tradeHistory.unshift(...moved);
  addToChart(data, now, { opened: 0, pnl: (row.quantity * row.price * row.profit) / 100 });
  return undefined;
}

/**
 * Moves the market price of a symbol: the profit of open rows follows; what waits for approval keeps its size in the
 * quote currency, as a bot set to an amount does, and so gets another quantity.
 * @returns how many rows changed
 */
export function movePrice(data: UserData, symbol: string, price: number): number {
  const rows = [...data.trades, ...data.activeSignals].filter((row) => row.symbol === symbol && row.active);
  for (const row of rows) {
    row.positionCurrentPrice = price;
    if (row.pending === true) {
      row.quantity = round((row.quantity * row.price) / price, 8);
      row.price = price;
    } else if (row.signalType === 'open') {
      row.profit = profitPercent(row.positionType, row.price, price);
    }
  }
  return rows.length;
}

function addToChart({ chart }: UserData, now: Date, change: { opened: number; pnl: number }): void {
  const date = utcDate(now);
  const opened = chart.positions.find((entry) => entry.date === date);
  if (opened === undefined) chart.positions.push({ date, count: change.opened });
  else opened.count += change.opened;
  const result = chart.pnl.find((entry) => entry.date === date);
  if (result === undefined) chart.pnl.push({ date, pnl: round(change.pnl, 2) });
  else result.pnl = round(result.pnl + change.pnl, 2);
}
