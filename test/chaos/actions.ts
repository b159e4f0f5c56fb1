import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sessionFetch } from '../support/app.js';
import { mcpHeaders } from '../support/mcp.js';
import { type Person, PUBLIC_URL, type Slot, type World } from './world.js';

const PATIENCE_MS = 20_000;

/** What a dry run handed out, and for what. */
export interface Ticket {
  readonly person: Person;
  readonly tool: string;
  readonly target: string;
  readonly actionToken: string;
}

interface Answer {
  readonly told: string;
  readonly structured: Readonly<Record<string, unknown>>;
  /** The error's own data. */
  readonly data: Readonly<Record<string, unknown>>;
}

interface Rpc {
  readonly result?: {
    readonly isError?: boolean;
    readonly structuredContent?: Record<string, unknown>;
    readonly _meta?: Record<string, unknown>;
  };
  readonly error?: { readonly data?: Record<string, unknown> };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const hashOf = (actionToken: string): string => createHash('sha256').update(actionToken).digest('hex');

const ARGUMENT: Readonly<Record<string, string>> = {
  approve_pending_trade: 'signal_id',
  close_position: 'position_id',
};

async function callTool(
  { process }: Slot,
  { token }: Person,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  try {
    const response = await fetch(`${process!.url}/mcp`, {
      method: 'POST',
      headers: mcpHeaders(token),
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { result, error } = (await response.json()) as Rpc;
    const data = error?.data ?? (result?._meta?.['ai.tradecafe/error'] as Answer['data'] | undefined) ?? {};
    const failed = result === undefined || result.isError === true;
    const told = failed ? text(data['code'] ?? `unforeseen ${response.status}`) : 'ok';
    return { told, structured: result?.structuredContent ?? {}, data };
  } catch {
    // No answer, or half of one: the instance died, or was stopped for longer than anybody waits.
    return { told: 'lost', structured: {}, data: {} };
  }
}

/** Asks for a preview. @returns undefined when none came */
export async function dryRun(
  world: World,
  slot: Slot,
  person: Person,
  tool: string,
  target: string,
): Promise<Ticket | undefined> {
  const { told, structured } = await callTool(slot, person, tool, { [ARGUMENT[tool]!]: target });
  const ticket = { person, tool, target, actionToken: text(structured['action_token']) };
  note(world, ticket, told);
  return told === 'ok' ? ticket : undefined;
}

/** A new trade and a preview of what can be done with it, from the first instance that gives one. */
export async function ticketFor(world: World, person: Person, kind: 'pending' | 'open'): Promise<Ticket> {
  const tool = kind === 'pending' ? 'approve_pending_trade' : 'close_position';
  const target = world.addTrade(person, kind);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const ticket = await dryRun(world, await world.live(), person, tool, target);
    if (ticket !== undefined) return ticket;
    await delay(100 * attempt);
  }
  throw new Error('nobody made a preview');
}

/** Commits what was previewed, on any instance. @returns `ok`, the error's code, or `lost` */
export async function commit(world: World, slot: Slot, ticket: Ticket): Promise<string> {
  return commitAs(world, slot, ticket, {});
}

const ADDRESS: Readonly<Record<string, string>> = {
  approve_pending_trade: 'trades/approve',
  close_position: 'positions/close',
};

/** Commits at /v1, with an Idempotency-Key of the client's own. */
export async function commitWithKey(world: World, slot: Slot, ticket: Ticket, clientKey: string): Promise<string> {
  const { person, tool, target, actionToken } = ticket;
  const sentAt = Date.now();
  const told = await post(
    `${slot.process!.url}/v1/${ADDRESS[tool]!}`,
    { authorization: `Bearer ${person.token}`, 'idempotency-key': clientKey },
    { [ARGUMENT[tool]!]: target, action_token: actionToken },
  );
  const tokenHash = hashOf(actionToken);
  const answered = { answeredAt: Date.now(), instance: slot.number, tokenHash, told, clientKey };
  world.history.add({ kind: 'commit', sentAt, ...answered });
  return told;
}

async function post(url: string, headers: Readonly<Record<string, string>>, body: object): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as { code?: unknown };
    return response.status === 200 ? 'ok' : text(answer.code ?? `unforeseen ${response.status}`);
  } catch {
    // No answer, or half of one: the instance died, or was stopped for longer than anybody waits.
    return 'lost';
  }
}

/** The same with something else than what was previewed: each of these must be refused. */
export async function commitAs(world: World, slot: Slot, ticket: Ticket, wrong: Partial<Ticket>): Promise<string> {
  const { person, tool, target, actionToken } = { ...ticket, ...wrong };
  const sentAt = Date.now();
  const args = { [ARGUMENT[tool]!]: target, dry_run: false, action_token: actionToken };
  const { told, data } = await callTool(slot, person, tool, args);
  const tokenHash = hashOf(actionToken);
  world.history.add({ kind: 'commit', sentAt, answeredAt: Date.now(), instance: slot.number, tokenHash, told });
  if (told === 'preview_changed') {
    note(world, { person, tool, target, actionToken: text(data['action_token']) }, 'ok');
  }
  return told;
}

/** Makes a token expire in so many milliseconds, by the database's clock; negative: it has. */
export async function expireIn(world: World, { actionToken }: Ticket, ms: number): Promise<void> {
  await world.db.query(
    `UPDATE action_tokens SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE token_hash = $1`,
    [Buffer.from(hashOf(actionToken), 'hex'), ms / 1000],
  );
}

/** Stops a person's writes. @returns false when that was not answered with 200 */
export async function freeze(world: World, slot: Slot, { login, userId }: Person): Promise<boolean> {
  try {
    const call = await sessionFetch(at(slot), login);
    const sentAt = Date.now();
    const response = await call('POST', '/v1/freeze');
    const body = (await response.json()) as { in_flight?: { id: string }[] };
    if (response.status !== 200) return false;
    const inFlight = body.in_flight!.map(({ id }) => id);
    world.history.add({ kind: 'freeze', sentAt, answeredAt: Date.now(), user: userId, inFlight });
    return true;
  } catch {
    // The instance died: nobody was told anything.
    return false;
  }
}

/** Allows them again, whatever it takes. */
export async function resume(world: World, { login, userId }: Person): Promise<void> {
  world.history.add({ kind: 'resume', sentAt: Date.now(), user: userId });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      const call = await sessionFetch(at(await world.live()), login);
      if ((await call('DELETE', '/v1/freeze')).status === 200) return;
    } catch {
      // Another instance then.
    }
    await delay(100 * attempt);
  }
  throw new Error('nobody resumed the writes');
}

/** Revokes the person's token. @returns false when that was not answered with 204 */
export async function revoke(world: World, slot: Slot, { login, credentialId }: Person): Promise<boolean> {
  try {
    const call = await sessionFetch(at(slot), login);
    const response = await call('DELETE', `/v1/tokens/${credentialId}`);
    const answeredAt = Date.now();
    if (response.status !== 204) return false;
    const { rows } = await world.db.query<{ id: string }>('SELECT id FROM commits WHERE credential_id = $1', [
      credentialId,
    ]);
    world.history.add({ kind: 'revoke', answeredAt, credentialId, inLedger: rows.map(({ id }) => id) });
    return true;
  } catch {
    // The instance died: nobody was told anything.
    return false;
  }
}

function at({ process }: Slot): { url: string; config: { publicUrl: string } } {
  return { url: process!.url, config: { publicUrl: PUBLIC_URL } };
}

function note({ history }: World, { person, tool, target, actionToken }: Ticket, told: string): void {
  const tokenHash = actionToken === '' ? '' : hashOf(actionToken);
  history.add({ kind: 'dry_run', at: Date.now(), told, tokenHash, user: person.userId, tool, target });
}
