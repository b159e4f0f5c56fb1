import { SECOND_DEMO_USER } from '../../config/demo.js';
import { utcDate } from '../numbers.js';
import type { UserData } from '../wire-records.js';
import { yearChart } from './chart.js';
import { generatedHistory } from './generated-history.js';
import { closedRow, openRow } from './rows.js';

/** Fully automatic: nothing waits. Shares no id, code or number with the first user, so that a mix-up shows. */
export function secondDemoUserData(today: Date): UserData {
  const renewal = `${utcDate(today, 11)}T11:59:59.999Z`;
  return {
    profile: {
      id: SECOND_DEMO_USER.id,
      email: 'demo2@tradecafe.ai',
      username: 'second_demo_user',
      language: 'de',
      balance: 55_555.55,
      frozenBalance: 777.77,
      confirmed: true,
      twoFactorEnabled: false,
      withdrawAddress: 'TSYNTHETICWITHDRAWADDRESSDEMO00002',
      type: 'client',
      referralCode: 'DEMO44',
      referralLevel: 1,
      avatarUrl: 'https://cdn.invalid/avatar/demo2.png',
      chatStatus: null,
      country: 'PT',
      referrerId: 'usr_demo_000000',
      referrerUsername: 'a_referrer',
      createdAt: '2026-04-02T07:10:30Z',
      updatedAt: '2026-06-01T18:45:12Z',
    },
    access: {
      tier: 'trading',
      terminal: false,
      signal: true,
      trade: true,
      expiresAt: { signal: renewal, trade: renewal },
    },
    exchanges: [
      {
        id: 'exc_demo_11',
        exchange: 'okx',
        label: 'Old keys',
        apiKey: 'SYNTHETIC-API-KEY-OKX',
        testnet: true,
        isActive: false,
        lastUsedAt: null,
        createdAt: '2026-04-03T12:00:00Z',
      },
    ],
    subscriptions: [
      subscription('usb_demo_11', 'SIGNAL', true, renewal),
      subscription('usb_demo_12', 'TRADE', true, renewal),
      subscription('usb_demo_13', 'CARD', false, '2026-05-02T00:00:00Z'),
    ],
    ...market(),
    chart: yearChart(44, today),
    stakes: [],
    referral: { totalTurnover: 310.4, directReferrals: 1, totalReferrals: 1, totalReward: 6.21 },
  };
}

function subscription(
  id: string,
  type: string,
  active: boolean,
  nextPaymentDate: string,
): UserData['subscriptions'][number] {
  return { id, subscriptionId: `sub_${type.toLowerCase()}`, type, active, trial: false, nextPaymentDate };
}

function market(): Pick<UserData, 'activeSignals' | 'history' | 'trades' | 'tradeHistory'> {
  const gold = {
    symbol: 'XAUUSD',
    marketType: 'commodities',
    side: 'long',
    price: 2345.6,
    quantity: 0.2,
    current: 2351.2,
    takeProfit: 2380,
    partialTakeProfit: 0,
    stopLoss: 2320,
    alias: 'Range Breakout v1',
    timeframe: '1d',
    at: '2026-06-02T06:00:00Z',
  } as const;
  const euro = {
    symbol: 'EURUSD',
    marketType: 'forex',
    side: 'short',
    price: 1.0862,
    quantity: 410,
    current: 1.0881,
    takeProfit: 1.079,
    partialTakeProfit: 1.083,
    stopLoss: 1.0905,
    alias: null,
    timeframe: '4h',
    at: '2026-06-03T09:30:00Z',
  } as const;
  const share = { ...gold, symbol: 'AAPL', marketType: 'stocks', price: 194.2, current: 190.1, quantity: 1.5 } as const;
  return {
    activeSignals: [openRow({ ...euro, id: 'sig_2026060311' })],
    history: generatedHistory({ prefix: 'sig_demo2_', seed: 441, count: 40, before: '2026-06-02T00:00:00Z' }),
    trades: [
      openRow({ ...euro, id: 'pos_2026060311', openSignalId: 'sig_2026060311' }),
      openRow({ ...gold, id: 'pos_2026060211' }),
    ],
    tradeHistory: [
      closedRow(openRow({ ...share, id: 'pos_2026060111', at: '2026-06-01T14:00:00Z' }), '2026-06-01T19:55:00Z'),
      ...generatedHistory({ prefix: 'pos_demo2_', seed: 442, count: 25, before: '2026-06-01T00:00:00Z' }),
    ],
  };
}
