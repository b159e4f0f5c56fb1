import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FileLock, lockOwner, tryLock, waitForLock } from './file-lock.js';
import { processIdentity } from './process-identity.js';

describe('a lock that is a file', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tradecafe-lock-'));
    path = join(directory, 'lock');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const taken = async (): Promise<FileLock> => {
    const outcome = await tryLock(path);
    if ('heldBy' in outcome) throw new Error(`held by ${outcome.heldBy}`);
    return outcome;
  };

  it('is one holder’s at a time, also within a process', async () => {
    const first = await taken();
    expect(await tryLock(path)).toEqual({ heldBy: process.pid });
    expect(lockOwner(path)).toBe('living');
    first.release();
    const second = await taken();
    // Not the first one's any more.
    first.release();
    expect(lockOwner(path)).toBe('living');
    second.release();
    expect(existsSync(path)).toBe(false);
    expect(lockOwner(path)).toBeUndefined();
  });

  it('is waited for, in turn and not for ever', async () => {
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4, 5].map(async (number) => {
        const lock = await waitForLock(path, 20_000);
        order.push(number);
        await Promise.resolve();
        order.push(number);
        lock!.release();
      }),
    );
    expect(order).toHaveLength(10);
    for (let turn = 0; turn < 10; turn += 2) expect(order[turn]).toBe(order[turn + 1]);
    const held = await taken();
    expect(await waitForLock(path, 100)).toBeUndefined();
    held.release();
  });

  it('of a dead process is taken over; of a later one with its pid it is not a living one’s', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(path, JSON.stringify({ pid, identity: 'some boot:1' }));
    expect(lockOwner(path)).toBe('dead');
    (await taken()).release();
    writeFileSync(path, JSON.stringify({ pid: process.pid, identity: 'another boot:1' }));
    expect(lockOwner(path)).toBe('dead');
    await taken();
    expect(readFileSync(path, 'utf8')).toContain(processIdentity(process.pid)!);
  });

  it('that was half written when its writer died is taken over', async () => {
    writeFileSync(path, '{"pid": 1');
    await taken();
    writeFileSync(path, '');
    await taken();
  });

  it('of another living process is respected until that one ends', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(other.stdout, 'data');
    writeFileSync(path, JSON.stringify({ pid: other.pid, identity: processIdentity(other.pid!) }));
    expect(await tryLock(path)).toEqual({ heldBy: other.pid });
    const waiting = waitForLock(path, 60_000);
    other.kill('SIGKILL');
    expect(await waiting).toBeDefined();
  });
});
