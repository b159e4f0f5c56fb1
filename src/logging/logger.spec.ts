import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger, forOwnFields, removeSecrets } from './logger.js';

describe('removeSecrets', () => {
  it.each([
    ['tc_pat_abcDEF123', 'a personal access token'],
    ['tc_at_abc-_123', 'an access token'],
    ['tc_rt_abc', 'a refresh token'],
    ['tc_act_abc', 'an action token'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln', 'a JWT'],
  ])('removes %s (%s) from the middle of a line', (secret) => {
    expect(removeSecrets(`{"msg":"failed for ${secret}, sorry"}`)).toBe('{"msg":"failed for [redacted], sorry"}');
  });

  it('leaves everything else alone', () => {
    const line = '{"msg":"tc_pat is a prefix, eyJ is not a token"}';
    expect(removeSecrets(line)).toBe(line);
  });
});

describe('forOwnFields', () => {
  const lines: string[] = [];
  const logger = createLogger({ logLevel: 'info' }, { write: (line) => void lines.push(line) });

  it('still removes what has the form of a credential', () => {
    forOwnFields(logger).info({ route: '/x/tc_pat_abcDEF123' }, 'request of eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln');
    expect(JSON.parse(lines.pop()!)).toMatchObject({ route: '/x/[redacted]', msg: 'request of [redacted]' });
  });

  it('leaves the logger it comes from as it was', () => {
    forOwnFields(logger);
    logger.info({ authorization: 'Basic secret', request: { headers: { cookie: 'a=b' } } }, 'sent');
    expect(lines.pop()).not.toMatch(/secret|a=b/);
  });
});

describe('lines on standard output', () => {
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const program = (body: string): string =>
    `const { createLogger } = await import('./src/logging/logger.ts'); const log = createLogger({ logLevel: 'info' }); ${body}`;

  it.each([
    ['an orderly end', ''],
    ['process.exit()', 'process.exit(3);'],
    [
      'an exception that nobody catches',
      'setTimeout(() => { throw new Error("fatal"); }); await new Promise(() => undefined);',
    ],
  ])(
    'are all there after %s',
    async (_, end) => {
      const { stdout } = start(program(`for (let i = 0; i < 300; i += 1) log.info({ i }, 'line'); ${end}`));
      expect((await text(stdout)).trim().split('\n')).toHaveLength(300);
    },
    60_000,
  );

  it('come out while the process goes on, without a next one to push them', async () => {
    const child = start(program(`log.info('only'); setTimeout(() => undefined, 3_600_000);`));
    await expect(firstChunk(child)).resolves.toContain('"msg":"only"');
  }, 60_000);

  it.each([
    ['is gone before the first line', 'read', (child: Child) => child.stdout.destroy()],
    ['has stopped reading', 'full', () => undefined],
  ])(
    'do not keep the process from ending when their reader %s',
    async (_, what, leave) => {
      const line = `'x'.repeat(${what === 'full' ? 4_000_000 : 10})`;
      // Stays in the same turn from the line to the exit: nothing but the exit writes it.
      const child = start(
        program(
          `process.stdin.once('data', () => { log.info(${line}); log.info(${line}); process.exit(3); }); process.stderr.write('up');`,
        ),
      );
      await once(child.stderr, 'data');
      leave(child);
      child.stdin.write('now');
      expect(await once(child, 'exit')).toEqual([3, null]);
    },
    60_000,
  );

  it('do not wait for company when they warn', async () => {
    // The thread is busy ever after: no timer will write this line.
    const child = start(program(`log.info('before'); log.warn('careful'); for (;;);`));
    await expect(firstChunk(child)).resolves.toMatch(/"msg":"before".*\n.*"msg":"careful"/);
  }, 60_000);
});

type Child = ReturnType<typeof start>;

const children: ChildProcess[] = [];

function start(source: string) {
  const child = spawn(
    process.execPath,
    ['--import', './test/support/typescript.mjs', '--input-type=module', '--eval', source],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  children.push(child);
  return child;
}

async function firstChunk({ stdout }: ReturnType<typeof start>): Promise<string> {
  for await (const chunk of stdout) return String(chunk);
  return '';
}
