/** A write as people say it: "closed SOL-USDT", "wanted to close it", "previewed closing it". */
export interface WriteVerb {
  readonly done: string;
  readonly infinitive: string;
  readonly gerund: string;
}

/** What is neither looking nor trading: "began to watch your live data", "wanted to watch it". */
interface PlainVerb {
  readonly done: string;
  readonly infinitive: string;
}

/** What stands in the audit log as an operation. */
export interface RecordedOperation {
  /** The tools that a person looks for it under. */
  readonly tools: readonly string[];
  /** What it looks at, in words; or what it does to a trade, or otherwise. */
  readonly words: { readonly reads: string } | { readonly writes: WriteVerb } | { readonly does: PlainVerb };
  /** One of pwa-be's paths, where no preview of ours comes first. */
  readonly api: boolean;
}

const APPROVE: WriteVerb = { done: 'approved', infinitive: 'approve', gerund: 'approving' };
const CLOSE: WriteVerb = { done: 'closed', infinitive: 'close', gerund: 'closing' };

type Entry = readonly [name: string, operation: RecordedOperation];

const tool = (name: string, words: RecordedOperation['words']): Entry => [name, { tools: [name], words, api: false }];
const api = (path: string, tools: readonly string[], words: RecordedOperation['words']): Entry => [
  path,
  { tools, words, api: true },
];

const other = (name: string, tools: readonly string[], words: RecordedOperation['words']): Entry => [
  name,
  { tools, words, api: false },
];

/**
 * THE table of everything that can be called: the tools by their names, pwa-be's paths by method and pattern, and what
 * else MCP has by method and target.
 */
const RECORDED: ReadonlyMap<string, RecordedOperation> = new Map([
  tool('get_account_summary', { reads: 'your account' }),
  tool('get_recent_signals', { reads: 'recent signals' }),
  tool('get_signal_details', { reads: 'a signal' }),
  tool('get_positions', { reads: 'your positions' }),
  tool('get_pnl_history', { reads: 'your profit history' }),
  tool('get_pool_status', { reads: 'your Trading Pool stakes' }),
  tool('get_subscription_status', { reads: 'your subscription' }),
  tool('get_referral_stats', { reads: 'your referral statistics' }),
  tool('approve_pending_trade', { writes: APPROVE }),
  tool('close_position', { writes: CLOSE }),
  api('GET /api/user/me', ['get_account_summary', 'get_referral_stats'], { reads: 'your profile' }),
  api('GET /api/user/:id', ['get_account_summary', 'get_referral_stats'], { reads: 'your profile' }),
  api('GET /api/terminal/access', ['get_account_summary', 'get_subscription_status'], { reads: 'your tier' }),
  api('GET /api/subscription/user', ['get_account_summary', 'get_subscription_status'], { reads: 'your subscription' }),
  api('GET /api/terminal/exchange', ['get_account_summary'], { reads: 'your connected exchanges' }),
  api('GET /api/signal/active', ['get_recent_signals', 'get_signal_details'], { reads: 'live signals' }),
  api('GET /api/signal/history', ['get_recent_signals', 'get_signal_details'], { reads: 'past signals' }),
  api('GET /api/trade/active', ['get_positions'], { reads: 'your open trades' }),
  api('GET /api/trade/history', ['get_positions'], { reads: 'your past trades' }),
  api('GET /api/trade/user/chart', ['get_pnl_history'], { reads: 'your profit history' }),
  api('GET /api/staking/client', ['get_pool_status'], { reads: 'your Trading Pool stakes' }),
  api('GET /api/referral/stats', ['get_referral_stats'], { reads: 'your referral statistics' }),
  api('PUT /api/trade/approve/:id', ['approve_pending_trade'], { writes: APPROVE }),
  api('PUT /api/trade/close/:id', ['close_position'], { writes: CLOSE }),
  other('resources/read tradecafe://account', ['get_account_summary'], { reads: 'your account' }),
  other('resources/read tradecafe://positions/open', ['get_positions'], { reads: 'your open positions' }),
  other('resources/read tradecafe://signals/live', ['get_recent_signals'], { reads: 'live signals' }),
  other('resources/read tradecafe://signals/{signal_id}', ['get_signal_details'], { reads: 'a signal' }),
  other('resources/read tradecafe://pnl/{timeframe}', ['get_pnl_history'], { reads: 'your profit history' }),
  other('completion/complete symbol', ['get_positions', 'get_recent_signals'], { reads: 'the pairs you trade' }),
  other('completion/complete signal_id', ['get_recent_signals'], { reads: 'the ids of signals' }),
  other('subscriptions/listen', ['get_positions', 'get_recent_signals'], {
    does: { done: 'began to watch for changes', infinitive: 'watch for changes' },
  }),
  other('subscriptions/ended', ['get_positions', 'get_recent_signals'], {
    does: { done: 'stopped watching for changes', infinitive: 'go on watching for changes' },
  }),
]);

/** What a name in the log stands for; undefined: a route, or a name that never was a tool. */
export function recordedOperation(name: string): RecordedOperation | undefined {
  return RECORDED.get(name);
}

/**
 * The names in the log that belong to a tool, its own first: a client at /api does the same under other names.
 * @param name a tool, or any other name in the log, which stands for itself
 */
export function operationsOf(name: string): readonly string[] {
  const others = [...RECORDED].filter(([own, { tools }]) => own !== name && tools.includes(name)).map(([own]) => own);
  return [name, ...others];
}
