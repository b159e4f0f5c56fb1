import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { PrincipalKind, WritePolicy } from '../../../src/auth/principal.js';
import type { Scope } from '../../../src/auth/scopes.js';
import { argumentsHash } from '../../../src/safety/action-token.js';
import type { CommitRequest } from '../../../src/safety/commit-checks.js';
import { ledgerCredentialId } from '../../../src/safety/credential-lock.js';
import { spendRead, spendToken } from '../../../src/safety/spend.js';
import { closePosition } from '../../../src/tools/catalog/close-position.tool.js';

export const COMMITS_PER_HOUR = 3;

/** What is to be spent: a token, or at /api a read, which is less: no two of those can be told apart by tool or arguments. */
const SPENDS = [
  'there',
  'used',
  'expired',
  'superseded',
  'rotated',
  "another user's",
  "another credential's",
  "another kind's",
  "another tool's",
  'for other arguments',
  'in the ledger',
  'key in the ledger',
] as const;
const ONLY_TOKENS: ReadonlySet<Scenario['spend']> = new Set<Scenario['spend']>([
  'superseded',
  "another user's",
  "another kind's",
  "another tool's",
  'for other arguments',
]);

/** All that decides whether a commit may be opened: what the request says, and what the database holds. */
export interface Scenario {
  readonly kind: PrincipalKind;
  readonly source: CommitRequest['source'];
  readonly control: 'none' | 'there' | 'frozen';
  readonly credential: 'live' | 'none' | 'revoked' | 'expired';
  readonly rowScope: boolean;
  readonly callerScope: boolean;
  readonly rowPolicy: WritePolicy;
  readonly callerPolicy: WritePolicy;
  readonly confirmed: boolean;
  readonly amount: number | undefined;
  readonly cap: number | null;
  readonly spend: (typeof SPENDS)[number];
  readonly clientKey: 'none' | 'fresh' | 'in the ledger';
  readonly exclusive: boolean;
  readonly rival: 'none' | 'pending' | 'unknown' | 'succeeded' | 'another trade' | "another tool's" | "another's";
  /** Commits of this user within the hour. */
  readonly spent: number;
}

/** May be opened, and just so: its amount is the cap, and one more is allowed this hour. */
export const GOOD: Scenario = {
  kind: 'pat',
  source: 'tool',
  control: 'there',
  credential: 'live',
  rowScope: true,
  callerScope: true,
  rowPolicy: 'token_only',
  callerPolicy: 'token_only',
  confirmed: false,
  amount: 100.25,
  cap: 100.25,
  spend: 'there',
  clientKey: 'none',
  exclusive: true,
  rival: 'none',
  spent: COMMITS_PER_HOUR - 1,
};

/** What else each of them can be. */
export const OTHERWISE: { readonly [Name in keyof Scenario]: readonly Scenario[Name][] } = {
  kind: ['oauth', 'session'],
  source: ['api'],
  control: ['none', 'frozen'],
  credential: ['none', 'revoked', 'expired'],
  rowScope: [false],
  callerScope: [false],
  rowPolicy: ['human_required'],
  callerPolicy: ['human_required'],
  confirmed: [true],
  amount: [undefined],
  cap: [100.24, null],
  spend: SPENDS.slice(1),
  clientKey: ['fresh', 'in the ledger'],
  exclusive: [false],
  rival: ['pending', 'unknown', 'succeeded', 'another trade', "another tool's", "another's"],
  spent: [0, COMMITS_PER_HOUR, COMMITS_PER_HOUR + 1],
};

/** The good one with each single deviation, and with each two of different kinds. */
export function* singlesAndPairs(): Generator<Scenario> {
  yield GOOD;
  const names = Object.keys(OTHERWISE) as (keyof Scenario)[];
  const deviations = names.flatMap((name) => OTHERWISE[name].map((value) => ({ name, patch: { [name]: value } })));
  for (const [index, { name, patch }] of deviations.entries()) {
    yield { ...GOOD, ...patch };
    for (const other of deviations.slice(index + 1)) {
      if (other.name !== name) yield { ...GOOD, ...patch, ...other.patch };
    }
  }
}

/**
 * What must come of it, in words of its own: the first that applies is what the caller is told.
 * @returns an error's code, `not_spendable`, or `opened`
 */
export function expected(scenario: Scenario): string {
  const { kind, credential, rowScope, rowPolicy, cap, amount, exclusive, rival } = scenario;
  // The site's own session has no row that could say no.
  const hasRow = kind !== 'session';
  if (hasRow && credential !== 'live') return 'credential_revoked';
  if ((hasRow && !rowScope) || !scenario.callerScope) return 'credential_revoked';
  if (scenario.control === 'frozen') return 'account_frozen';
  const asks = (hasRow && rowPolicy === 'human_required') || scenario.callerPolicy === 'human_required';
  if (asks && !scenario.confirmed) return 'confirmation_required';
  if (hasRow && cap !== null && amount !== undefined && amount > cap) return 'cap_exceeded';
  if (!isThere(scenario)) return 'not_spendable';
  if (exclusive && (rival === 'pending' || rival === 'unknown')) return 'commit_in_progress';
  if (scenario.spent >= COMMITS_PER_HOUR) return 'commit_limit_reached';
  return 'opened';
}

function isThere({ spend, source, kind, clientKey }: Scenario): boolean {
  if (clientKey === 'in the ledger') return false;
  if (source === 'api' && ONLY_TOKENS.has(spend)) return true;
  if (spend === 'rotated') return source === 'api' || kind !== 'pat';
  return spend === 'there';
}

interface LedgerRow {
  readonly hash?: Uint8Array;
  readonly keyHash?: Uint8Array;
  readonly idempotencyKey?: string;
  readonly tool?: string;
  readonly tradeId?: string;
  readonly status?: string;
  readonly owner?: string;
  readonly createdAt: Date;
}

/** A scenario in the database, of a user and a credential of its own, and the request to open it. */
export interface Staged {
  readonly request: CommitRequest;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly userId: string;
  /** Whether what is to be spent is marked as used. */
  readonly used: () => Promise<boolean>;
  /** What is in the ledger and in the audit log of this user but for what was there before. */
  readonly written: () => Promise<{ commits: number; intents: number }>;
}

const TOOL = 'close_position';
const ORIGIN = { transport: 'mcp', operation: TOOL, args: {}, requestId: 'r', startedAt: 0 } as const;
const minutes = (offset: number): Date => new Date(Date.now() + offset * 60_000);
/** By somebody else, and long before any opening here. */
const USED_BEFORE = new Date(0);
const bytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(32));

export async function stage(db: pg.Pool, scenario: Scenario): Promise<Staged> {
  const { kind, source, spend } = scenario;
  const userId = `usr_${randomUUID()}`;
  const credentialId = kind === 'session' ? 'session' : randomUUID();
  const scopes = new Set<Scope>(scenario.callerScope ? ['read:positions', 'write:trades'] : ['read:positions']);
  const principal = {
    userId,
    credentialId,
    kind,
    credentialName: 'test',
    scopes,
    maxTradeUsdt: null,
    writePolicy: scenario.callerPolicy,
  } as const;
  const ledgerId = ledgerCredentialId(principal);
  const [hash, keyHash, idempotencyKey, tradeId] = [bytes(), bytes(), randomUUID(), `trade_${randomUUID()}`] as const;
  const args = { position_id: tradeId };

  if (scenario.control !== 'none') {
    const frozenAt = scenario.control === 'frozen' ? new Date() : null;
    await db.query('INSERT INTO user_controls (user_id, frozen_at) VALUES ($1, $2)', [userId, frozenAt]);
  }
  await credentialRow();
  await (source === 'tool' ? tokenRow() : readRow());
  await ledgerRows();

  const intents = async (): Promise<number> =>
    await count(`FROM audit_events WHERE user_id = $1 AND outcome = 'intent'`, userId);
  const commits = (): Promise<number> => count('FROM commits WHERE user_id = $1', userId);
  const before = await commits();
  return {
    request: { ...requested(), origin: { principal, ...ORIGIN } },
    used: async () =>
      (source === 'tool'
        ? await count('FROM action_tokens WHERE token_hash = $1 AND used_at > created_at', hash)
        : await count('FROM trade_reads WHERE trade_id = $1 AND used_at > read_at', tradeId)) > 0,
    hash,
    userId,
    written: async () => ({ commits: (await commits()) - before, intents: await intents() }),
  };

  async function count(from: string, value: unknown): Promise<number> {
    const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n ${from}`, [value]);
    return rows[0]!.n;
  }

  async function credentialRow(): Promise<void> {
    if (kind === 'session' || scenario.credential === 'none') return;
    const table = kind === 'pat' ? 'personal_access_tokens' : 'oauth_grants';
    const own =
      kind === 'pat'
        ? `name, selector, hint, secret_hash, tag) VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, 'n', $1::text, 'h', 'x', '\\x00')`
        : `client_id, resource) VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, 'c', 'mcp')`;
    await db.query(
      `INSERT INTO ${table} (id, user_id, scopes, max_trade_usdt, write_policy, expires_at, revoked_at, ${own}`,
      [
        credentialId,
        userId,
        scenario.rowScope ? ['read:positions', 'write:trades'] : ['read:positions'],
        scenario.cap,
        scenario.rowPolicy,
        scenario.credential === 'expired' ? minutes(-1) : minutes(60),
        scenario.credential === 'revoked' ? new Date() : null,
      ],
    );
  }

  async function tokenRow(): Promise<void> {
    await db.query(
      `INSERT INTO action_tokens (token_hash, user_id, credential_kind, credential_id, tool, arguments_hash, preview,
           created_at, expires_at, used_at, superseded_at)
       VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8, $9, $10)`,
      [
        hash,
        spend === "another user's" ? 'usr_another' : userId,
        spend === "another kind's" ? 'another' : kind,
        spend === "another credential's" ? 'another' : ledgerId,
        spend === "another tool's" ? 'another' : TOOL,
        argumentsHash(spend === 'for other arguments' ? { position_id: 'another' } : args),
        minutes(-1),
        spend === 'expired' ? minutes(-0.1) : minutes(4),
        spend === 'used' ? USED_BEFORE : null,
        spend === 'superseded' ? minutes(-0.1) : null,
      ],
    );
    if (spend !== 'rotated' || kind !== 'pat') return;
    await db.query(
      `INSERT INTO personal_access_tokens (user_id, name, selector, hint, secret_hash, tag, rotated_from_id)
       VALUES ($1, 'n', gen_random_uuid()::text, 'h', 'x', '\\x00', $2::uuid)`,
      [userId, credentialId],
    );
  }

  async function readRow(): Promise<void> {
    await db.query('INSERT INTO trade_reads (credential_id, trade_id, read_at, used_at) VALUES ($1, $2, $3, $4)', [
      spend === "another credential's" ? 'another' : ledgerId,
      tradeId,
      spend === 'expired' ? minutes(-5.1) : minutes(-1),
      spend === 'used' ? USED_BEFORE : null,
    ]);
  }

  /** In one statement: there are many scenarios. */
  async function ledgerRows(): Promise<void> {
    const rows: LedgerRow[] = [];
    // None but the last ones counts for the hour, so that each stands for one thing.
    const old = minutes(-120);
    if (spend === 'in the ledger') rows.push({ hash, createdAt: old });
    if (spend === 'key in the ledger') rows.push({ idempotencyKey, createdAt: old });
    if (scenario.clientKey === 'in the ledger') rows.push({ keyHash, createdAt: old });
    const rival = { tool: TOOL, tradeId, status: 'pending', createdAt: old };
    if (scenario.rival === "another's") rows.push({ ...rival, owner: `usr_${randomUUID()}` });
    else if (scenario.rival === 'another trade') rows.push({ ...rival, tradeId: 'another' });
    else if (scenario.rival === "another tool's") rows.push({ ...rival, tool: 'another' });
    else if (scenario.rival !== 'none') rows.push({ ...rival, status: scenario.rival });
    for (let n = 0; n < scenario.spent; n++) rows.push({ createdAt: minutes(-59) });
    // What was longer ago than an hour, and what another user does, does not count.
    rows.push({ createdAt: minutes(-61) }, { owner: `usr_${randomUUID()}`, createdAt: minutes(-1) });
    const values = rows.map((row) => [
      row.hash ?? bytes(),
      row.keyHash ?? null,
      row.owner ?? userId,
      row.tool ?? 'another',
      row.tradeId ?? 'another',
      row.idempotencyKey ?? randomUUID(),
      row.status ?? 'succeeded',
      row.createdAt,
    ]);
    const tuple = (n: number): string => {
      const [hashAt, keyAt, owner, tool, trade, idempotency, status, at] = [1, 2, 3, 4, 5, 6, 7, 8].map(
        (k) => `$${n * 8 + k}`,
      );
      return `(${hashAt}, ${keyAt}, ${owner}, 'pat', 'c', 'tool', ${tool}, ${trade}, '{}', '{}', ${idempotency}, ${status}, ${at}, ${at}, 'infinity', 'r')`;
    };
    await db.query(
      `INSERT INTO commits (token_hash, client_key_hash, user_id, credential_kind, credential_id, source, tool, target_id,
           arguments, preview, idempotency_key, status, created_at, send_before, due_at, request_id)
       VALUES ${values.map((_, n) => tuple(n)).join(', ')}`,
      values.flat(),
    );
  }

  function requested(): Omit<CommitRequest, 'origin'> {
    const trade = { symbol: 'ETHUSDT', side: 'long', quantity: 1, price: 1, sizeUsdt: 1, pending: true } as const;
    return {
      source,
      operation: { ...closePosition.operation, exclusive: scenario.exclusive, capAmount: () => scenario.amount },
      args,
      preview: { shown: {}, facts: { id: tradeId, ...trade } },
      spend:
        source === 'tool' ? spendToken(hash, { principal, tool: TOOL, args }) : spendRead(hash, principal, tradeId),
      idempotencyKey,
      clientKeyHash: scenario.clientKey === 'none' ? undefined : keyHash,
      confirmed: scenario.confirmed,
    };
  }
}
