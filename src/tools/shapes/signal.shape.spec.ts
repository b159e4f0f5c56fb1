import { describe, expect, it } from '@jest/globals';
import { SIGNAL } from '../../../test/tools/wire.js';
import { toSignalDetails } from './signal-details.shape.js';
import { toSignal } from './signal.shape.js';

describe('toSignal', () => {
  it('has exactly the public fields', () => {
    expect(toSignal(SIGNAL)).toStrictEqual({
      signal_id: 'sig_1',
      symbol: 'BTC-USDT',
      market_type: 'crypto',
      side: 'long',
      entry: 64_000.5,
      take_profit: [68_000, 66_000],
      stop_loss: 61_000,
      strategy_alias: 'Trend Reversion v3',
      timeframe: '1h',
      fired_at: '2026-06-01T09:59:00.000Z',
      status: 'live',
    });
  });

  it.each([
    [true, 0, 'live'],
    [true, -3, 'live'],
    [false, 0, 'expired'],
    [false, 0.0001, 'filled'],
    [false, -5, 'filled'],
  ])('active %s with profit %d is %s', (active, profit, status) => {
    expect(toSignal({ ...SIGNAL, active, profit }).status).toBe(status);
  });

  it('leaves take-profit levels out that are not set', () => {
    expect(toSignal({ ...SIGNAL, partialTakeProfit: 0 }).take_profit).toEqual([68_000]);
    expect(toSignal({ ...SIGNAL, takeProfit: 0 }).take_profit).toEqual([66_000]);
    expect(toSignal({ ...SIGNAL, takeProfit: 0, partialTakeProfit: -1 }).take_profit).toEqual([]);
  });
});

describe('toSignalDetails', () => {
  it('has no realized result while the signal is live', () => {
    expect(toSignalDetails(SIGNAL)).toStrictEqual({
      ...toSignal(SIGNAL),
      realized_pnl_usdt: null,
      realized_pnl_pct: null,
    });
  });

  it('tells the result of an ended one: money to 2 decimals, the fraction to 4', () => {
    const ended = { ...SIGNAL, active: false, quantity: 0.5, price: 333.33, profit: -1.23456 };
    expect(toSignalDetails(ended)).toMatchObject({ realized_pnl_usdt: -2.06, realized_pnl_pct: -0.0123 });
  });

  it('tells zero, not null, of one that expired', () => {
    const expired = { ...SIGNAL, active: false, profit: 0 };
    expect(toSignalDetails(expired)).toMatchObject({ status: 'expired', realized_pnl_usdt: 0, realized_pnl_pct: 0 });
  });
});
