import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../errors/app-error.js';
import { ATTENDED_HEADER } from '../backend/bearer-fetch.js';
import type { Fetch } from '../backend/backend.js';
import type { Challenge, Credential } from './credential.js';
import { oauthFetch } from './oauth-fetch.js';

const URL = 'https://backend.example/mcp';
const UNAUTHORIZED = () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer scope="a b"' } });
const FORBIDDEN = () =>
  new Response(null, {
    status: 403,
    headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="a w"' },
  });
const ATTENDED = { method: 'POST', body: '{}', headers: { [ATTENDED_HEADER]: '?1' } };

/** A credential whose person decides when the test says so. */
class Person {
  token: string | undefined;
  renewed: string | undefined;
  readonly asked: Challenge[] = [];
  readonly consentUrl = 'https://backend.example/oauth/authorize?x';
  decide: (token: string | AppError) => void = () => undefined;
  private asking: Promise<void> | undefined;

  usable = async () => this.token;
  renew = async () => (this.token = this.renewed);
  ask = (challenge: Challenge): Promise<void> => {
    this.asking ??= new Promise<void>((resolve, reject) => {
      this.asked.push(challenge);
      this.decide = (outcome) => {
        this.asking = undefined;
        if (outcome instanceof AppError) return reject(outcome);
        this.token = outcome;
        resolve();
      };
    });
    return this.asking;
  };
}

/** A backend that takes some tokens, and remembers what it was sent. */
function backend(answers: Record<string, () => Response>) {
  const seen: (string | null)[] = [];
  const fetch: Fetch = async (_url, init) => {
    const headers = new Headers(init?.headers);
    expect(headers.has(ATTENDED_HEADER)).toBe(false);
    const token = headers.get('authorization');
    seen.push(token);
    return (answers[token ?? 'none'] ?? UNAUTHORIZED)();
  };
  return { fetch, seen };
}

function setUp(answers: Record<string, () => Response>, waitMs = 5_000) {
  const person = new Person();
  const { fetch, seen } = backend(answers);
  return { person, seen, request: oauthFetch(fetch, person as unknown as Credential, waitMs) };
}

const OK = () => new Response('ok');

describe('oauthFetch', () => {
  it('renews a refused token without a person', async () => {
    const { person, seen, request } = setUp({ 'Bearer new': OK });
    person.token = 'old';
    person.renewed = 'new';
    expect((await request(URL, { method: 'POST', body: '{}' })).status).toBe(200);
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
    expect(person.asked).toEqual([]);
  });

  it('hands a 401 on where nobody attends', async () => {
    const { person, request } = setUp({});
    expect((await request(URL, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(person.asked).toEqual([]);
  });

  it('asks the person, for what the challenge says, and goes on', async () => {
    const { person, seen, request } = setUp({ 'Bearer given': OK });
    const waiting = request(URL, ATTENDED);
    await new Promise((resolve) => setImmediate(resolve));
    expect(person.asked).toEqual([{ scope: 'a b', isStepUp: false }]);
    person.decide('given');
    expect((await waiting).status).toBe(200);
    expect(seen).toEqual([null, 'Bearer given']);
  });

  it('asks once more for more scopes, and only once a call', async () => {
    const { person, request } = setUp({ 'Bearer small': FORBIDDEN, 'Bearer still small': FORBIDDEN });
    person.token = 'small';
    const waiting = request(URL, ATTENDED);
    await new Promise((resolve) => setImmediate(resolve));
    expect(person.asked).toEqual([{ scope: 'a w', isStepUp: true }]);
    person.decide('still small');
    expect((await waiting).status).toBe(403);
    expect(person.asked).toHaveLength(1);
  });

  it('leaves another 403 alone', async () => {
    const { person, request } = setUp({ none: () => new Response(null, { status: 403 }) });
    expect((await request(URL, ATTENDED)).status).toBe(403);
    expect(person.asked).toEqual([]);
  });

  it('does not wait longer than a host; the page stays, and the next call waits for the same answer', async () => {
    const { person, request } = setUp({ 'Bearer given': OK }, 50);
    const error = await request(URL, ATTENDED).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'consent_pending', detail: person.consentUrl });
    const next = request(URL, ATTENDED);
    await new Promise((resolve) => setImmediate(resolve));
    person.decide('given');
    expect((await next).status).toBe(200);
    expect(person.asked).toHaveLength(1);
  });

  it('a no ends the call; a call that is cancelled ends no page', async () => {
    const { person, request } = setUp({ 'Bearer given': OK });
    const given = new AbortController();
    const cancelled = request(URL, { ...ATTENDED, signal: given.signal });
    const other = request(URL, ATTENDED);
    await new Promise((resolve) => setImmediate(resolve));
    given.abort();
    await expect(cancelled).rejects.toThrow();
    person.decide(new AppError('consent_refused'));
    await expect(other).rejects.toMatchObject({ code: 'consent_refused' });
  });
});
