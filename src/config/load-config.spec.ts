import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';
import { ConfigError } from './read-variables.js';

const SECRET = 'x'.repeat(32);
const LIVE = {
  PWA_BE_BASE_URL: 'https://pwa-be.internal/api',
  PWA_BE_JWT_SECRET: 'p'.repeat(32),
  SESSION_JWT_SECRET: 's'.repeat(32),
  LOGIN_URL: 'https://tradecafe.ai/login',
};
const PRODUCTION = {
  ...LIVE,
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://u:p@db/tradecafe',
  TOKEN_PEPPER: SECRET,
  AUDIT_SIGNING_KEY: Buffer.alloc(32, 7).toString('base64'),
  PUBLIC_URL: 'https://tradecafe.ai',
};

describe('loadConfig', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'tradecafe-config-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  const load = (environment: Record<string, string> = {}) => loadConfig({ DATA_DIR: dataDir, ...environment });
  const problems = async (environment: Record<string, string>): Promise<string> => {
    const error = await load(environment).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  };

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['PORT', '0x10'],
    ['PORT', '-1'],
    ['PUBLIC_URL', 'http://x/path?x=1'],
    ['PUBLIC_URL', 'https://tradecafe.ai/mcp'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://a.example, evil'],
    ['ALLOWED_ORIGINS', 'https://a.example/path'],
    ['TRUST_PROXY', 'abc'],
    ['TRUST_PROXY', '10.0.0.0/64'],
    ['TRUST_PROXY', '10.0.0.1, nginx'],
    ['PUBLIC_URL', 'tradecafe.ai'],
    ['PUBLIC_URL', 'ftp://tradecafe.ai'],
    ['DATABASE_URL', 'mysql://db'],
    ['TRADECAFE_MODE', 'paper'],
    ['PWA_BE_TIMEOUT_MS', '9000'],
    ['PWA_BE_JWT_SECRET', 'short'],
    ['PWA_BE_JWT_CLAIMS', '[1]'],
    ['PWA_BE_JWT_CLAIMS', '{'],
    ['SESSION_COOKIE', 'a b'],
    ['LOGIN_URL', '//evil.example'],
    ['MIGRATE_ON_START', 'yes'],
    ['RATE_LIMIT_PER_MINUTE', '0'],
    ['AUDIT_SIGNING_KEY', 'x'.repeat(32)],
    ['AUDIT_PUBLIC_KEYS', 'short'],
    ['AUDIT_RETENTION_DAYS', '0'],
    ['AUDIT_PRUNE_EVERY', 'daily'],
    ['AUDIT_CHECKPOINT_SINK', 'ftp://keep.example'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'prod'],
  ])('refuses %s=%s and says what to set', async (name, value) => {
    expect(await problems({ [name]: value })).toMatch(new RegExp(`- ${name} is not usable: (set|use) `));
  });

  it('names every problem at once', async () => {
    const message = await problems({ PORT: 'x', LOG_LEVEL: 'y' });
    expect(message).toContain('PORT');
    expect(message).toContain('LOG_LEVEL');
  });

  it('never prints a secret', async () => {
    expect(await problems({ PWA_BE_JWT_SECRET: 'hunter2' })).not.toContain('hunter2');
  });

  it.each(['PWA_BE_BASE_URL', 'PWA_BE_JWT_SECRET', 'SESSION_JWT_SECRET', 'LOGIN_URL'])(
    'live mode needs %s',
    async (name) => {
      expect(await problems({ ...LIVE, TRADECAFE_MODE: 'live', [name]: '' })).toContain(`${name} is missing`);
    },
  );

  it('refuses one key for pwa-be and the site session', async () => {
    expect(await problems({ ...LIVE, PWA_BE_JWT_SECRET: LIVE.SESSION_JWT_SECRET })).toContain('a key of its own');
  });

  it.each(['DATABASE_URL', 'TOKEN_PEPPER', 'AUDIT_SIGNING_KEY'])('production needs %s', async (name) => {
    expect(await problems({ ...PRODUCTION, [name]: '' })).toContain(`${name} is missing`);
  });

  it('production refuses mock mode and plain http', async () => {
    expect(await problems({ ...PRODUCTION, TRADECAFE_MODE: 'mock' })).toContain('TRADECAFE_MODE is mock');
    expect(await problems({ ...PRODUCTION, PUBLIC_URL: 'http://tradecafe.ai' })).toContain('PUBLIC_URL must be https');
    await expect(load({ ...PRODUCTION, PUBLIC_URL: 'http://127.0.0.1:3000' })).resolves.toBeDefined();
  });

  it('certificate and key belong together and must be readable', async () => {
    expect(await problems({ ...LIVE, PWA_BE_TLS_CERT: '/nowhere.pem' })).toContain('belong together');
    expect(await problems({ ...LIVE, PWA_BE_TLS_CA: '/nowhere.pem' })).toContain('counts only for mutual TLS');
    const both = { ...LIVE, PWA_BE_TLS_CERT: join(dataDir, 'none.pem'), PWA_BE_TLS_KEY: join(dataDir, 'none.key') };
    expect(await problems(both)).toContain('PWA_BE_TLS_CERT cannot be read');
  });

  it('without anything set: mock mode, loopback, embedded database', async () => {
    const config = await load();
    expect(config).toMatchObject({
      mode: 'mock',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      apiPublicUrl: 'http://127.0.0.1:3000',
      databaseUrl: undefined,
      allowedOrigins: ['http://127.0.0.1:3000'],
      trustProxy: false,
    });
  });

  it('generates the development secrets once, 0600, and reads them back', async () => {
    const first = await load();
    const second = await load();
    expect(second.secrets).toEqual(first.secrets);
    expect(first.secrets.tokenPepper.length).toBeGreaterThanOrEqual(43);
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(first.secrets)).size).toBe(Object.keys(first.secrets).length);
  });

  it('writes no secrets file when everything is set', async () => {
    await load(PRODUCTION);
    expect(() => readFileSync(join(dataDir, 'secrets.json'))).toThrow('ENOENT');
  });

  it('PORT=0 picks a port that PUBLIC_URL then carries', async () => {
    const config = await load({ PORT: '0' });
    expect(config.port).toBeGreaterThan(0);
    expect(config.publicUrl).toBe(`http://127.0.0.1:${config.port}`);
  });

  it('reads hops, origins and trailing slashes', async () => {
    const config = await load({
      TRUST_PROXY: '2',
      ALLOWED_ORIGINS: 'https://a.example/, https://b.example',
      PUBLIC_URL: 'https://t.example/',
    });
    expect(config.trustProxy).toBe(2);
    expect((await load({ TRUST_PROXY: '10.0.0.0/8, ::1' })).trustProxy).toBe('10.0.0.0/8, ::1');
    expect(config.allowedOrigins).toEqual(['https://t.example', 'https://a.example', 'https://b.example']);
  });
});
