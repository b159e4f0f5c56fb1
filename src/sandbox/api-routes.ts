import { refusal, type Answer } from './answer.js';
import type { SandboxState, WriteAction } from './sandbox-state.js';
import type { SignalRow, UserData } from './wire-records.js';

interface ApiRequest {
  method: string;
  /** Without `/api`. */
  path: string;
  query: URLSearchParams;
  user: string;
  key: string | undefined;
}

interface ApiAnswer {
  answer: Answer;
  applied: boolean;
  replayed: boolean;
}

type Read = (data: UserData, query: URLSearchParams) => Answer;

const ok = (body: unknown): Answer => ({ status: 200, body });

const READS: Readonly<Record<string, Read>> = {
  '/terminal/access': (data) => ok(data.access),
  '/terminal/exchange': (data) => ok(data.exchanges),
  '/subscription/user': (data) => ok(data.subscriptions),
  '/signal/active': (data) => ok(data.activeSignals),
  '/signal/history': (data, query) => page(data.history, query),
  // Every row says it, not only those that wait: a reader must not have to guess from an absence.
  '/trade/active': (data) => ok(data.trades.map((row) => ({ ...row, pending: row.pending ?? false }))),
  '/trade/history': (data, query) => page(data.tradeHistory, query),
  '/trade/user/chart': (data) => ok(data.chart),
  '/staking/client': (data) => ok(data.stakes),
  '/referral/stats': (data) => ok(data.referral),
};
const WRITE = /^\/trade\/(approve|close)\/([^/]+)$/;
const USER = /^\/user\/([^/]+)$/;
const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 20;

/** Answers a request of an authenticated user; a write is applied before this returns. */
export function answerApi(state: SandboxState, request: ApiRequest): ApiAnswer {
  const account = state.account(request.user);
  if (account === undefined) return plain(refusal(404, 'User not found'));
  if (!account.enabled) return plain(refusal(403, 'This account is disabled'));
  const write = WRITE.exec(request.path);
  if (write !== null && request.method === 'PUT') {
    const id = decoded(write[2]!);
    return state.write({ user: request.user, action: write[1] as WriteAction, id, key: request.key });
  }
  const answer = request.method === 'GET' ? read(account.data, request) : undefined;
  return plain(withPending(answer ?? refusal(404, `Cannot ${request.method} /api${request.path}`), state));
}

function read(data: UserData, { path, query }: ApiRequest): Answer | undefined {
  const id = USER.exec(path)?.[1];
  // Somebody else's profile is not there, whether or not that somebody exists.
  if (id !== undefined) return decoded(id) === data.profile.id ? ok(data.profile) : refusal(404, 'User not found');
  return READS[path]?.(data, query);
}

function page(rows: readonly SignalRow[], query: URLSearchParams): Answer {
  const number = Number(query.get('page') ?? 1);
  const limit = Math.min(Number(query.get('limit') ?? DEFAULT_LIMIT), MAX_LIMIT);
  if (!Number.isInteger(number) || number < 1) return refusal(400, 'page must be a positive integer');
  if (!Number.isInteger(limit) || limit < 1) return refusal(400, 'limit must be a positive integer');
  const symbol = query.get('symbol');
  const found = symbol === null ? rows : rows.filter((row) => row.symbol === symbol);
  return ok({
    items: found.slice((number - 1) * limit, number * limit),
    total: found.length,
    page: number,
    limit,
    totalPages: Math.ceil(found.length / limit),
  });
}

/** Takes `pending` out of every row when the real pwa-be is to be imitated more closely. */
function withPending(answer: Answer, state: SandboxState): Answer {
  if (state.settings.sendPending || answer.body === undefined) return answer;
  const text = JSON.stringify(answer.body, (name, value: unknown) => (name === 'pending' ? undefined : value));
  return { ...answer, body: JSON.parse(text) as unknown };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A broken escape names nothing: taken literally it is simply not found.
    return segment;
  }
}

function plain(answer: Answer): ApiAnswer {
  return { answer, applied: false, replayed: false };
}
