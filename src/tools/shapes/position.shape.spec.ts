import { describe, expect, it } from '@jest/globals';
import { SIGNAL } from '../../../test/tools/wire.js';
import { toPosition } from './position.shape.js';

describe('toPosition', () => {
  it('has exactly the public fields, and no closed_at while it is open', () => {
    expect(toPosition(SIGNAL)).toStrictEqual({
      position_id: 'sig_1',
      symbol: 'BTC-USDT',
      market_type: 'crypto',
      side: 'long',
      status: 'open',
      entry_price: 64_000.5,
      current_price: 65_000,
      size_usdt: 640.01,
      pnl_pct: 0.015,
      pnl_usdt: 9.6,
      stop_loss: 61_000,
      take_profit: 68_000,
      strategy_alias: 'Trend Reversion v3',
      timeframe: '1h',
      opened_at: '2026-06-01T09:59:00.000Z',
    });
  });

  it('was closed when the row last changed, or was made when it never changed', () => {
    const closed = { ...SIGNAL, active: false };
    expect(toPosition(closed)).toMatchObject({ status: 'closed', closed_at: '2026-06-02T10:00:00.000Z' });
    expect(toPosition({ ...closed, updatedAt: null })).toMatchObject({ closed_at: '2026-06-01T10:00:00.000Z' });
  });

  it('stands at its entry price when no other is known', () => {
    expect(toPosition({ ...SIGNAL, positionCurrentPrice: null }).current_price).toBe(64_000.5);
    expect(toPosition({ ...SIGNAL, positionCurrentPrice: 0 }).current_price).toBe(0);
  });

  it('computes profit from the unrounded size', () => {
    const row = { ...SIGNAL, quantity: 1, price: 0.004, profit: 10_000 };
    expect(toPosition(row)).toMatchObject({ size_usdt: 0, pnl_pct: 100, pnl_usdt: 0.4 });
  });
});
