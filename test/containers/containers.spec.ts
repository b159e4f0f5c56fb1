import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { loadConfig } from '../../src/config/load-config.js';
import { VARIABLE_NAMES } from '../../src/config/variables.js';
import { environmentOf, readCompose, variablesOf } from './compose-file.js';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const compose = readCompose();
const FILLED = {
  POSTGRES_PASSWORD: 'abc123',
  PUBLIC_HOST: 'mcp.example.com',
  PWA_BE_BASE_URL: 'https://pwa-be.internal/api',
  PWA_BE_JWT_SECRET: 'a'.repeat(40),
  SESSION_JWT_SECRET: 'b'.repeat(40),
  LOGIN_URL: 'https://example.com/login',
  TOKEN_PEPPER: 'c'.repeat(40),
  AUDIT_SIGNING_KEY: Buffer.alloc(32, 1).toString('base64'),
};

describe('Dockerfile', () => {
  it('is a valid one', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
  });

  it('copies only what .dockerignore lets into the context', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words]) =>
      words!.split(' ').slice(0, -1),
    );
    expect(copied.sort()).toEqual(allowed.sort());
  });
});

describe('docker-compose.yml', () => {
  it('sets only variables that the service reads', () => {
    const names = Object.keys(compose.services['service']!.environment!);
    expect(names.filter((name) => !(VARIABLE_NAMES as readonly string[]).includes(name))).toEqual([]);
  });

  it('asks for every variable that has no default, once with words that say what it is', () => {
    const used = variablesOf(JSON.stringify(compose));
    const explained = new Set(used.filter(({ required }) => required).map(({ name }) => name));
    expect([...new Set(used.map(({ name }) => name))].filter((name) => !explained.has(name))).toEqual([]);
    expect([...explained].sort()).toEqual(Object.keys(FILLED).sort());
  });

  it('gives the service an environment with which production starts', async () => {
    const environment = environmentOf(compose.services['service']!, FILLED);
    const config = await loadConfig({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000', ...environment });
    expect(config).toMatchObject({ environment: 'production', mode: 'live', migrateOnStart: false });
  });

  it('lets the instances wait for the migrations, and the migrations for the database', () => {
    expect(compose.services['service']!.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
    });
    expect(compose.services['migrate']!.depends_on).toEqual({ database: { condition: 'service_healthy' } });
    expect(Object.keys(environmentOf(compose.services['migrate']!, FILLED))).toEqual(['DATABASE_URL']);
  });

  it.each(['migrate', 'service'])('runs %s without rights it does not need', (name) => {
    expect(compose.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('opens no port but the proxy’s, and every named volume is declared', () => {
    const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual(['proxy']);
    const named = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes ?? [])
      .map((volume) => volume.split(':', 1)[0]!)
      .filter((volume) => !volume.startsWith('.'));
    expect(Object.keys(compose.volumes).sort()).toEqual(named.sort());
  });

  it('takes no proxy of a line older than the one that its configuration asks for', () => {
    const wanted = /Caddy (\d+)\.(\d+)\.\d+ or newer/.exec(read('deploy/Caddyfile'))!.slice(1).map(Number);
    const line = /^caddy:(\d+)\.(\d+)-alpine$/.exec(compose.services['proxy']!.image)?.slice(1).map(Number);
    expect(line).toEqual(wanted);
  });

  it('gives an instance longer to end than it takes to drain', () => {
    const drain = Number(/DRAIN_MS = ([\d_]+)/.exec(read('src/app.ts'))![1]!.replaceAll('_', ''));
    expect(Number.parseInt(compose.services['service']!.stop_grace_period!, 10) * 1000).toBeGreaterThan(drain);
  });
});
