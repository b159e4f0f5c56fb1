// The one upstream call of every contender: a kept-alive connection pool, no policy. Ours brings its own client.
import { Pool } from 'undici';

const { origin, pathname } = new URL(process.env.UPSTREAM_URL);
const pool = new Pool(origin, { connections: 128, pipelining: 1 });
const headers = { accept: 'application/json', authorization: process.env.UPSTREAM_AUTHORIZATION };

async function get(path) {
  const { statusCode, body } = await pool.request({ method: 'GET', path: pathname + path, headers });
  if (statusCode !== 200) throw new Error(`upstream answered ${statusCode}`);
  return body.json();
}

const search = ({ page, limit, symbol }) =>
  new URLSearchParams({ page, limit, ...(symbol === undefined ? {} : { symbol }) }).toString();

/** What the tools' handlers ask of pwa-be, unguarded. */
export const upstream = {
  user: () => get(`/user/${process.env.UPSTREAM_USER}`),
  access: () => get('/terminal/access'),
  exchanges: () => get('/terminal/exchange'),
  subscriptions: () => get('/subscription/user'),
  activeSignals: () => get('/signal/active'),
  signalHistory: (query) => get(`/signal/history?${search(query)}`),
  activeTrades: () => get('/trade/active'),
  tradeHistory: (query) => get(`/trade/history?${search(query)}`),
  chart: () => get('/trade/user/chart'),
  stakes: () => get('/staking/client'),
  referralStats: () => get('/referral/stats'),
};
