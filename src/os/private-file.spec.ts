import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensurePrivateDirectory, readPrivateFile, writePrivateFile } from './private-file.js';

describe('a private file', () => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tradecafe-private-'));
    path = join(root, 'own', 'secret');
    ensurePrivateDirectory(path);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const rights = (of: string): number => statSync(of).mode & 0o777;

  it('is its user’s alone, whatever was there before', () => {
    writePrivateFile(path, 'one');
    expect([rights(join(root, 'own')), rights(path)]).toEqual([0o700, 0o600]);
    chmodSync(path, 0o666);
    writePrivateFile(path, 'two');
    expect([rights(path), readPrivateFile(path)]).toEqual([0o600, 'two']);
  });

  it('is closed to others when it is read, and so is its directory when it is used', () => {
    writeFileSync(path, 'loose', { mode: 0o644 });
    chmodSync(path, 0o644);
    expect([readPrivateFile(path), rights(path)]).toEqual(['loose', 0o600]);
    chmodSync(join(root, 'own'), 0o755);
    ensurePrivateDirectory(path);
    expect(rights(join(root, 'own'))).toBe(0o700);
  });

  it('is replaced as a whole: who has the old one open reads the old one', () => {
    writePrivateFile(path, 'old and long');
    const open = openSync(path, 'r');
    writePrivateFile(path, 'new');
    expect(readFileSync(open, 'utf8')).toBe('old and long');
    closeSync(open);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(join(root, 'own'))).toEqual(['secret']);
  });

  it('leaves nothing of an attempt that failed', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'in the way'), '');
    expect(() => writePrivateFile(path, 'text')).toThrow();
    expect(readdirSync(join(root, 'own'))).toEqual(['secret']);
  });

  it('that is missing is no error', () => {
    expect(readPrivateFile(path)).toBeUndefined();
  });
});
