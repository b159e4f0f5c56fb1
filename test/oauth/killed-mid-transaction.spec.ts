import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEnvironment, type Environment, type Reachable } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { Browser, type FormPage } from './support/browser.js';
import {
  authorize,
  authorizeUrl,
  callbackOf,
  callMcp,
  newVerifier,
  redeem,
  refresh,
  type TokenAnswer,
  type Tokens,
  tokensOf,
} from './support/flow.js';
import { Gate, type Place } from './support/gate.js';

const PLACES: readonly Place[] = ['before_use', 'before_successor', 'commit'];
const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };

/** What an app holds, and the grant that it stands on. */
interface Family {
  readonly grantId: string;
  readonly tokens: Tokens;
}

interface Redeemable {
  readonly grantId: string;
  readonly code: string;
  readonly verifier: string;
}

let environment: Environment;
let doomed: ServiceProcess;
let survivor: ServiceProcess;
let gate: Gate;
let sql: Client;
let families: Map<Place, Family>;
let codes: Map<Place, Redeemable>;
/** A person who pressed the button, and never saw an answer. */
let consenting: { readonly browser: Browser; readonly page: FormPage; readonly verifier: string };
/** What arrived of everything that was under way at the instance that was killed. */
let answers: (number | 'cut off')[];
/** A refresh at the other instance that came after the killed one's, and waited for it. */
let behind: TokenAnswer;

/** An instance as browser and client see it: behind one public address. */
const at = ({ url }: ServiceProcess): Reachable => ({ url, config: { publicUrl: doomed.url } });

/** As a client that takes "busy" for what it says. */
async function patient(send: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
  for (;;) {
    const answer = await send();
    if (answer.status < 500) return answer;
  }
}

const cutOff = (send: () => Promise<{ readonly status: number }>): Promise<number | 'cut off'> =>
  send().then(
    ({ status }) => status,
    () => 'cut off',
  );

async function newestGrant(): Promise<string> {
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM oauth_grants ORDER BY created_at DESC LIMIT 1');
  return rows[0]!.id;
}

async function codeAt(instance: ServiceProcess): Promise<Redeemable> {
  const verifier = newVerifier();
  const { code } = await authorize(at(instance), await new Browser(at(instance)).signIn(), verifier);
  return { code, verifier, grantId: await newestGrant() };
}

beforeAll(async () => {
  environment = await createEnvironment({ NODE_ENV: 'test' });
  doomed = await startServiceProcess(environment.variables);
  survivor = await startServiceProcess({ ...environment.variables, PUBLIC_URL: doomed.url });
  sql = new Client({ connectionString: environment.database.url });
  await sql.connect();
  gate = await Gate.build(environment.database.url);

  families = new Map();
  codes = new Map();
  for (const place of PLACES) {
    const { code, verifier, grantId } = await codeAt(doomed);
    families.set(place, { grantId, tokens: tokensOf(await redeem(at(doomed), code, verifier)) });
    codes.set(place, await codeAt(doomed));
  }
  const browser = await new Browser(at(doomed)).signIn();
  const verifier = newVerifier();
  consenting = { browser, page: await browser.form(authorizeUrl(at(doomed), verifier)), verifier };

  await gate.shut(new Map([...families, ...codes].map(([place, { grantId }]) => [grantId, place])));
  const underWay = [
    ...[...families.values()].map(({ tokens }) => cutOff(() => patient(() => refresh(at(doomed), tokens)))),
    ...[...codes.values()].map((of) => cutOff(() => patient(() => redeem(at(doomed), of.code, of.verifier)))),
    cutOff(() => browser.post(consenting.page.action, [...consenting.page.fields, ['decision', 'authorize']])),
  ];
  await gate.waiting(underWay.length);
  const late = patient(() => refresh(at(survivor), families.get('before_successor')!.tokens));
  const stopped = await gate.waiting(underWay.length);
  expect(stopped).toHaveLength(underWay.length);
  await doomed.kill('SIGKILL');
  await gate.open(stopped);
  answers = await Promise.all(underWay);
  behind = await late;
}, 180_000);
afterAll(async () => {
  await gate?.close();
  await sql?.end();
  await survivor?.kill('SIGTERM');
  await doomed?.kill('SIGKILL');
  await environment?.drop();
});

/** Refresh tokens of a grant: still unused, and used ones. */
async function refreshTokens(grantId: string): Promise<{ unused: number; used: number }> {
  const { rows } = await sql.query<{ unused: number; used: number }>(
    `SELECT count(*) FILTER (WHERE consumed_at IS NULL)::int AS unused, count(consumed_at)::int AS used
       FROM oauth_artifacts WHERE grant_id = $1 AND model = 'RefreshToken'`,
    [grantId],
  );
  return rows[0]!;
}

const isLive = async (token: string): Promise<boolean> => (await callMcp(at(survivor), token)).status === 200;

/** Puts the use of a grant's refresh tokens before the grace. */
const pastGrace = (grantId: string) =>
  sql.query(
    `UPDATE oauth_artifacts SET consumed_at = consumed_at - interval '2 minutes'
      WHERE grant_id = $1 AND consumed_at IS NOT NULL`,
    [grantId],
  );

describe('an instance that is killed in the middle of many transactions', () => {
  it('answers none of them', () => {
    expect(answers).toEqual(answers.map(() => 'cut off'));
  });

  it('leaves a refresh token unused when it had not used it, and the client goes on with it', async () => {
    const { grantId, tokens } = families.get('before_use')!;
    expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 0 });
    const next = tokensOf(await refresh(at(survivor), tokens));
    expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 1 });
    for (const { access } of [tokens, next]) expect(await isLive(access)).toBe(true);
  });

  it('takes its half of a rotation with it: who waited for it gets the one successor there is', async () => {
    const { grantId, tokens } = families.get('before_successor')!;
    const next = tokensOf(behind);
    expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 1 });
    for (const { access } of [tokens, next]) expect(await isLive(access)).toBe(true);
    expect((await refresh(at(survivor), next)).status).toBe(200);
  });

  it('whose rotation was committed and never answered leaves the old token its grace, and nothing after it', async () => {
    const { grantId, tokens } = families.get('commit')!;
    expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 1 });
    const next = tokensOf(await refresh(at(survivor), tokens));
    // The one that was lost on the way, and the client's: what the grace allows.
    expect(await refreshTokens(grantId)).toEqual({ unused: 2, used: 1 });
    const later = tokensOf(await refresh(at(survivor), next));
    for (const { access } of [tokens, next, later]) expect(await isLive(access)).toBe(true);
    await pastGrace(grantId);
    expect(await refresh(at(survivor), tokens)).toMatchObject(INVALID_GRANT);
    for (const { access } of [tokens, next, later]) expect(await isLive(access)).toBe(false);
    expect(await refresh(at(survivor), later)).toMatchObject(INVALID_GRANT);
  });

  it.each(['before_use', 'before_successor'] as const)(
    'leaves a code good that it had not redeemed: %s',
    async (place) => {
      const { grantId, code, verifier } = codes.get(place)!;
      expect(await refreshTokens(grantId)).toEqual({ unused: 0, used: 0 });
      const tokens = tokensOf(await redeem(at(survivor), code, verifier));
      expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 0 });
      expect(await isLive(tokens.access)).toBe(true);
      expect((await refresh(at(survivor), tokens)).status).toBe(200);
    },
  );

  it('whose redemption was committed and never answered leaves no second one (RFC 6749 §4.1.2)', async () => {
    const { grantId, code, verifier } = codes.get('commit')!;
    expect(await refreshTokens(grantId)).toEqual({ unused: 1, used: 0 });
    expect(await redeem(at(survivor), code, verifier)).toMatchObject(INVALID_GRANT);
    const { rows } = await sql.query('SELECT revoked_at IS NOT NULL AS ended FROM oauth_grants WHERE id = $1', [
      grantId,
    ]);
    expect(rows).toEqual([{ ended: true }]);
  });

  it('leaves no half of a consent: the same form, sent again, makes the one grant', async () => {
    const count = async () =>
      Number((await sql.query<{ n: string }>('SELECT count(*) n FROM oauth_grants')).rows[0]!.n);
    expect(await count()).toBe(families.size + codes.size);
    const { page, verifier } = consenting;
    const browser = consenting.browser.movedTo(at(survivor));
    const answer = await browser.post(page.action, [...page.fields, ['decision', 'authorize']]);
    const resume = new URL(answer.headers.get('location')!);
    const { query } = callbackOf(await browser.request(resume.pathname));
    const tokens = tokensOf(await redeem(at(survivor), query.get('code')!, verifier));
    expect(await isLive(tokens.access)).toBe(true);
    expect(await count()).toBe(families.size + codes.size + 1);
  });
});
