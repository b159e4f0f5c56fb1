import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBase62 } from '../../../src/auth/base62.js';
import { mintSession } from '../../../src/auth/session/session-token.js';
import { createEnvironment, signIn, startApp } from '../app.js';
import { completed, spawnTypeScript } from '../service-process.js';
import { scanLogs } from './log-scan.mjs';

describe('the scan of what was logged', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tradecafe-scan-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const scan = (line: string, ...secrets: string[]) => {
    writeFileSync(join(directory, '1.log'), `{"msg":"nothing"}\n{"msg":"before${line}after"}\n`);
    writeFileSync(join(directory, '1.issued'), secrets.map((secret) => `${secret}\n`).join(''));
    return scanLogs(directory).findings;
  };
  const verifier = randomBytes(32).toString('base64url');

  it.each([
    ['a verifier', verifier, [verifier]],
    ['one of many', verifier, [`${verifier.slice(0, 20)}other`, verifier, randomBytes(32).toString('hex')]],
    ['a user code', ' BCDF-GHJK ', ['BCDF-GHJK']],
    ['a personal access token nobody named', ` tc_pat_${randomBase62(50)} `, []],
    ['an access token nobody named', ` tc_at_${randomBase62(43)} `, []],
    ['a code nobody named', ` tc_ac_${randomBase62(43)} `, []],
    ['an action token nobody named', ` tc_act_${randomBytes(32).toString('base64url')} `, []],
  ])('finds %s', (_what, line, secrets) => {
    expect(scan(line, ...secrets)).toEqual([`1.log:2: {"msg":"before${line}after"}`]);
  });

  it('finds a session', async () => {
    expect(scan(` ${await mintSession('usr_1', 'secret-secret-secret-secret-secret', 60)} `)).toHaveLength(1);
  });

  it('takes a prefix, a cut-off token and what nobody issued for nothing', () => {
    expect(scan(' tc_pat_Ab3… tc_at_ eyJ is no token ', verifier)).toEqual([]);
  });
});

describe('what a run keeps', () => {
  /** All that this worker kept in files of one kind. */
  const kept = (kind: 'log' | 'issued') => {
    const directory = process.env['TEST_LOGS']!;
    const files = readdirSync(directory).filter((name) => name.startsWith(`${process.pid}.`) && name.endsWith(kind));
    return files.map((name) => readFileSync(join(directory, name), 'utf8')).join('');
  };

  it('is what services in this process log at their most talkative level, and the cookies they gave', async () => {
    const environment = await createEnvironment();
    const app = await startApp(environment);
    const cookie = await signIn(app);
    const response = await fetch(`${app.url}/health/live`);
    await app.close();
    await environment.drop();
    expect(kept('log')).toContain(response.headers.get('x-request-id'));
    expect(kept('log')).toContain('"level":"debug"');
    expect(kept('issued')).toContain(cookie.split('=')[1]);
  });

  it('is what other processes write', async () => {
    const { code } = await completed(spawnTypeScript('src/main.ts', [], { PUBLIC_URL: 'ftp://unusable.example' }));
    expect(code).toBe(1);
    expect(kept('log')).toContain('PUBLIC_URL');
  });
});
