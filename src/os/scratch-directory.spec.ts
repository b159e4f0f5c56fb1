import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createScratchDirectory, sweepScratchDirectories } from './scratch-directory.js';

const PREFIX = 'tradecafe-scratch-test-';

describe('sweeping the temporary directory', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tradecafe-root-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  const make = (name: string, owner?: object): string => {
    const path = join(root, name);
    mkdirSync(path);
    if (owner !== undefined) writeFileSync(join(path, 'owner.lock'), JSON.stringify(owner));
    return path;
  };
  const dead = (): object => ({ pid: spawnSync(process.execPath, ['--version']).pid, identity: 'some boot:1' });
  const sweep = async (): Promise<string[]> => {
    const swept: string[] = [];
    await sweepScratchDirectories(PREFIX, async (path) => void swept.push(path), root);
    return swept;
  };

  it('takes what a dead process left, and stops what runs in it first', async () => {
    const left = make(`${PREFIX}a`, dead());
    expect(await sweep()).toEqual([left]);
    expect(existsSync(left)).toBe(false);
  });

  it('leaves the living, the newborn, other names, and what a link points at', async () => {
    const mine = await createScratchDirectory(PREFIX, root);
    const newborn = make(`${PREFIX}newborn`);
    const other = make('somebody-elses', dead());
    const target = make('target', dead());
    symlinkSync(target, join(root, `${PREFIX}link`));
    expect(await sweep()).toEqual([]);
    for (const path of [mine.path, newborn, other, target]) expect(existsSync(path)).toBe(true);
    expect(statSync(mine.path).mode & 0o777).toBe(0o700);
    mine.remove();
    expect(existsSync(mine.path)).toBe(false);
  });

  it('takes a nameless one once it is no newborn any more', async () => {
    const nameless = make(`${PREFIX}nameless`);
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(nameless, anHourAgo, anHourAgo);
    expect(await sweep()).toEqual([nameless]);
  });
});
