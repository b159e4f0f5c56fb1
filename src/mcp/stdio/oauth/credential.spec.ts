import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OAuthError, OAuthErrorCode, type OAuthTokens } from '@modelcontextprotocol/client';
import { AppError } from '../../../errors/app-error.js';
import type { Authorization } from './authorization.js';
import type { Consent } from './consent.js';
import { Credential } from './credential.js';
import { type StoredTokens, TokenFile } from './token-file.js';

const ENDPOINT = new URL('https://backend.example/mcp');
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const stored = (token: string, seconds = 3600): StoredTokens => ({
  access_token: token,
  refresh_token: `refresh of ${token}`,
  expires_at: inSeconds(seconds),
  scope: 'read:account',
});

describe('Credential', () => {
  let path: string;
  /** What the authorization server answers to each refresh, and what it was sent. */
  let refresh: (token: string) => OAuthTokens | Promise<OAuthTokens>;
  let refreshed: string[];
  /** The scopes that the person was asked for. */
  let asked: (string | undefined)[];
  let consent: () => OAuthTokens | Promise<OAuthTokens>;
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'tradecafe-credential-')), 'own', 'tokens.json');
    [refreshed, asked] = [[], []];
    refresh = () => ({ access_token: 'renewed', token_type: 'Bearer', expires_in: 3600 });
    consent = () => ({ access_token: 'given', token_type: 'Bearer', scope: 'read:account' });
  });
  afterEach(() => rmSync(dirname(dirname(path)), { recursive: true, force: true }));

  const file = (endpoint = ENDPOINT): TokenFile => new TokenFile(endpoint, 'client', path);
  const keep = (tokens: StoredTokens): Promise<void> => file().locked(() => file().write(tokens));
  const credential = (configuredScopes?: string): Credential =>
    new Credential(
      file(),
      {
        refresh: async (token: string) => {
          refreshed.push(token);
          return refresh(token);
        },
      } as unknown as Authorization,
      {
        url: undefined,
        ask: async (scope: string | undefined) => {
          asked.push(scope);
          return consent();
        },
      } as unknown as Consent,
      configuredScopes,
    );

  it('uses a token that lasts as it is', async () => {
    await keep(stored('fresh'));
    expect(await credential().usable()).toBe('fresh');
    expect(refreshed).toEqual([]);
  });

  it.each([30, -30])(
    'renews a token that ends in %i s before it is used, and keeps what the answer leaves out',
    async (seconds) => {
      await keep(stored('old', seconds));
      expect(await credential().usable()).toBe('renewed');
      expect(refreshed).toEqual(['refresh of old']);
      expect(file().read()).toMatchObject({
        access_token: 'renewed',
        refresh_token: 'refresh of old',
        scope: 'read:account',
      });
    },
  );

  it('knows of no token until there is one', async () => {
    expect(credential().isStored()).toBe(false);
    expect(await credential().usable()).toBeUndefined();
    expect(await credential().renew(undefined)).toBeUndefined();
    expect(refreshed).toEqual([]);
  });

  it('takes what another process got instead of renewing again', async () => {
    await keep(stored('of another'));
    expect(await credential().renew('refused')).toBe('of another');
    expect(refreshed).toEqual([]);
  });

  it('renews once for all that find it out at the same moment', async () => {
    await keep(stored('old', 1));
    const tokens = await Promise.all([1, 2, 3, 4].map(() => credential().usable()));
    expect([tokens, refreshed]).toEqual([Array(4).fill('renewed'), ['refresh of old']]);
  });

  it.each([OAuthErrorCode.InvalidGrant, OAuthErrorCode.InvalidClient])(
    'forgets the tokens after %s: the person is asked',
    async (code) => {
      await keep(stored('old', 1));
      refresh = () => {
        throw new OAuthError(code, 'no');
      };
      expect(await credential().usable()).toBeUndefined();
      expect(credential().isStored()).toBe(false);
    },
  );

  it.each([
    ['an error of the server', () => new OAuthError(OAuthErrorCode.ServerError, 'busy')],
    ['no connection', () => new AppError('backend_unreachable')],
    ['nonsense', () => new SyntaxError('Unexpected token')],
  ])('keeps the tokens after %s', async (_, error) => {
    await keep(stored('old', 1));
    refresh = () => {
      throw error();
    };
    await expect(credential().usable()).rejects.toMatchObject({ code: 'backend_unreachable' });
    expect(file().read()).toMatchObject({ access_token: 'old', refresh_token: 'refresh of old' });
  });

  it('gives its lock free, also after a failure', async () => {
    await keep(stored('old', 1));
    refresh = () => {
      throw new AppError('backend_unreachable');
    };
    await expect(credential().usable()).rejects.toThrow();
    expect(readdirSync(dirname(path))).toEqual(['tokens.json']);
  });

  it('asks for what is configured, or what the challenge says; for more rights, for those there were as well', async () => {
    await credential().ask({ scope: 'read:account read:pool', isStepUp: false }, undefined);
    await credential('read:pool').ask({ scope: 'read:account', isStepUp: false }, 'given');
    await credential().ask({ scope: 'write:trades', isStepUp: true }, 'given');
    expect(asked.map((scope) => scope?.split(' ').sort())).toEqual([
      ['read:account', 'read:pool'],
      ['read:pool'],
      ['read:account', 'write:trades'],
    ]);
    expect(file().read()).toMatchObject({ access_token: 'given', scope: 'read:account' });
  });

  it('asks nobody when another process was given a token meanwhile', async () => {
    await keep(stored('of another'));
    await credential().ask({ scope: 'read:account', isStepUp: false }, 'refused');
    expect(asked).toEqual([]);
  });

  it('does not call it a no of the person when the token endpoint is in trouble', async () => {
    consent = () => {
      throw new OAuthError('server_error', 'HTTP 502');
    };
    const asking = credential().ask({ scope: 'read:account', isStepUp: false }, undefined);
    await expect(asking).rejects.toMatchObject({ code: 'backend_unreachable' });
    consent = () => {
      throw new OAuthError('invalid_grant', 'used before');
    };
    const again = credential().ask({ scope: 'read:account', isStepUp: false }, undefined);
    await expect(again).rejects.toMatchObject({ code: 'consent_refused' });
  });

  it('asks once for all who need it, and says so when the answer is of no use', async () => {
    consent = () => {
      throw new TypeError('a mix-up');
    };
    const one = credential();
    const challenge = { scope: 'read:account', isStepUp: false };
    const outcomes = await Promise.allSettled([one.ask(challenge, undefined), one.ask(challenge, undefined)]);
    expect(asked).toHaveLength(1);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'consent_refused' } });
    expect(credential().isStored()).toBe(false);
  });

  it('asks nobody where the answer could not be kept, and says what is in the way', async () => {
    // A file where the directory belongs: as good as a home that cannot be written, and in the way of root as well.
    writeFileSync(dirname(path), '');
    const one = credential();
    expect(one.isStored()).toBe(false);
    const refused = { code: 'sign_in_not_kept', detail: expect.stringContaining(dirname(path)) as unknown };
    await expect(one.usable()).rejects.toMatchObject(refused);
    await expect(one.ask({ scope: undefined, isStepUp: false }, undefined)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  it('keeps the tokens of each backend apart', async () => {
    await keep(stored('one'));
    const other = file(new URL('https://other.example/mcp'));
    await other.locked(() => other.write(stored('other')));
    await file().locked(() => file().write(undefined));
    expect([file().read(), other.read()?.access_token]).toEqual([undefined, 'other']);
  });
});
