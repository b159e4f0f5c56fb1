import { DEMO_USER } from '../../config/demo.js';
import { utcDate } from '../numbers.js';
import type { UserData } from '../wire-records.js';
import { yearChart } from './chart.js';
import { generatedHistory } from './generated-history.js';
import { closedRow, eventRow, openRow } from './rows.js';

const TRIAL_DAYS = 23;

/** Semi-automatic: one signal waits for approval, two positions are open, everything on trial. */
export function demoUserData(today: Date): UserData {
  // Half a day off midnight, so that a reader who rounds gets 23 at every moment of this UTC day.
  const trialEnd = `${utcDate(today, TRIAL_DAYS)}T11:59:59.999Z`;
  return {
    profile: {
      id: DEMO_USER.id,
      email: 'demo@tradecafe.ai',
      username: 'demo_user',
      language: 'en',
      balance: 98_765.43,
      frozenBalance: 1_234.56,
      confirmed: true,
      twoFactorEnabled: true,
      withdrawAddress: 'TSYNTHETICWITHDRAWADDRESSDEMO00001',
      type: 'client',
      referralCode: 'DEMO27',
      referralLevel: 2,
      avatarUrl: null,
      chatStatus: 'online',
      country: 'CH',
      referrerId: null,
      referrerUsername: null,
      createdAt: '2026-05-14T09:22:01Z',
      updatedAt: '2026-06-04T08:00:00Z',
    },
    access: {
      tier: 'full_suite',
      terminal: true,
      signal: true,
      trade: true,
      expiresAt: { terminal: trialEnd, signal: trialEnd, trade: trialEnd },
    },
    exchanges: [
      exchange('exc_demo_01', 'binance', 'Main account', '2026-05-14T09:22:01Z'),
      exchange('exc_demo_02', 'bybit', 'Second account', '2026-05-21T15:08:44Z'),
    ],
    subscriptions: ['SIGNAL', 'TRADE', 'TERMINAL'].map((type, index) => ({
      id: `usb_demo_0${index + 1}`,
      subscriptionId: `sub_${type.toLowerCase()}`,
      type,
      active: true,
      trial: true,
      nextPaymentDate: trialEnd,
    })),
    ...signals(),
    ...trades(),
    chart: yearChart(27, today),
    stakes: [
      {
        id: 'stk_2026051401',
        createdAt: '2026-05-14T10:00:00Z',
        active: true,
        amountUSDT: 1250,
        referralAmount: 31.25,
        profitPercentPerMonth: 3.5,
        nextPaymentDate: '2026-07-14T00:00:00Z',
        totalPayments: 12,
        currentPayments: 1,
        totalRewardUSDT: 187.42,
        currentPeriodFrozenReward: 21.88,
        cancellable: false,
        invoiceId: 'inv_synthetic_0001',
      },
    ],
    referral: { totalTurnover: 12_482.55, directReferrals: 3, totalReferrals: 10, totalReward: 412.55 },
  };
}

function exchange(id: string, name: string, label: string, createdAt: string): UserData['exchanges'][number] {
  const apiKey = `SYNTHETIC-API-KEY-${name.toUpperCase()}`;
  return { id, exchange: name, label, apiKey, testnet: false, isActive: true, lastUsedAt: createdAt, createdAt };
}

/** ETH-USDT long: on the signal list, and on the trade list until it is approved. */
const ETH_SIGNAL = {
  id: 'sig_2026060402',
  symbol: 'ETHUSDT',
  side: 'long',
  price: 3421.8,
  // 100 USDT, the size that the user's bot is set to.
  quantity: 0.02922438,
  current: 3421.8,
  takeProfit: 3438,
  partialTakeProfit: 3452.5,
  stopLoss: 3407,
  alias: 'Trend Reversion v3',
  timeframe: '1h',
  at: '2026-06-04T10:42:11Z',
} as const;

const SOL_SIGNAL = {
  id: 'sig_2026060403',
  symbol: 'SOLUSDT',
  side: 'short',
  price: 152.4,
  quantity: 1.23976,
  current: 152.01,
  takeProfit: 151.5,
  partialTakeProfit: 150.8,
  stopLoss: 153.2,
  alias: 'Mean Reversion v2',
  timeframe: '15m',
  at: '2026-06-04T12:08:55Z',
} as const;

const BTC_SIGNAL = {
  id: 'sig_2026060401',
  symbol: 'BTCUSDT',
  side: 'long',
  price: 67_420.5,
  quantity: 0.0034926,
  current: 67_558.2,
  takeProfit: 67_620.5,
  partialTakeProfit: 67_810,
  stopLoss: 67_280,
  alias: 'Trend Continuation v4',
  timeframe: '4h',
  at: '2026-06-04T08:14:22Z',
} as const;

function signals(): Pick<UserData, 'activeSignals' | 'history'> {
  const sol = openRow(SOL_SIGNAL);
  const enj = openRow({
    ...SOL_SIGNAL,
    id: 'sig_2026060404',
    symbol: 'ENJUSDT',
    price: 0.0501,
    quantity: 2000,
    current: 0.0501,
    takeProfit: 0.0497,
    partialTakeProfit: 0.0494,
    stopLoss: 0.0505,
    at: '2026-06-04T13:31:09Z',
  });
  return {
    activeSignals: [openRow(ETH_SIGNAL), eventRow(sol, 'average', '2026-06-04T12:20:00Z'), sol],
    history: [
      closedRow(enj, '2026-06-04T14:31:09Z'),
      closedRow(openRow(BTC_SIGNAL), '2026-06-04T13:02:40Z'),
      ...generatedHistory({ prefix: 'sig_demo_', seed: 271, count: 160, before: '2026-06-04T08:00:00Z' }),
    ],
  };
}

function trades(): Pick<UserData, 'trades' | 'tradeHistory'> {
  const btc = openRow({ ...BTC_SIGNAL, id: 'pos_2026060401', openSignalId: BTC_SIGNAL.id });
  const eth = openRow({
    ...ETH_SIGNAL,
    id: 'pos_2026060301',
    price: 3401.2,
    quantity: 0.0707104,
    current: 3418.6,
    takeProfit: 3418.6,
    partialTakeProfit: 3410,
    stopLoss: 3389.8,
    at: '2026-06-03T14:21:08Z',
  });
  const ethClosed = closedRow(eth, '2026-06-03T15:47:42Z');
  return {
    trades: [
      { ...openRow(ETH_SIGNAL), pending: true, seen: false },
      openRow({ ...SOL_SIGNAL, id: 'pos_2026060402', openSignalId: SOL_SIGNAL.id }),
      eventRow(btc, 'partial_close', '2026-06-04T11:00:00Z'),
      btc,
    ],
    tradeHistory: [
      eventRow(ethClosed, 'close', '2026-06-03T15:47:42Z'),
      ethClosed,
      ...generatedHistory({ prefix: 'pos_demo_', seed: 272, count: 70, before: '2026-06-03T12:00:00Z' }),
    ],
  };
}
