import { describe, expect, it } from '@jest/globals';
import { signErasure } from '../../src/audit/log/erasure.js';
import { exportLine, verifyLine } from '../../src/audit/log/export-lines.js';
import { type LoggedLeaf, LogVerifier, type VerificationReport } from '../../src/audit/log/log-verifier.js';
import { networkOf } from '../../src/audit/log/network.js';
import { addressDigest, leafOf, personalDigest } from '../../src/audit/log/row-leaf.js';
import type { SealedRow } from '../../src/audit/log/sealed-row.js';
import { SeqRanges } from '../../src/audit/log/seq-ranges.js';
import { KeyRing } from '../../src/audit/log/signing-key.js';
import { generatedRow, KEY, type MemoryLog, OTHER_KEY, replay, sealedLog } from './generated-log.js';

const ROWS = 40;
const BATCH = 10;
const rows = (): SealedRow[] => Array.from({ length: ROWS }, (_, i) => generatedRow(i + 1));

function verify(log: MemoryLog, kept: MemoryLog['checkpoints'] = [], keys = [KEY.publicKey]): VerificationReport {
  const verifier = new LogVerifier(new KeyRing(keys), kept);
  replay(log, verifier);
  return verifier.finish();
}

const withRow = ({ leaves, checkpoints }: MemoryLog, seq: number, row: SealedRow | null): MemoryLog => ({
  leaves: leaves.map((leaf) => (leaf.seq === seq ? { ...leaf, row } : leaf)),
  checkpoints,
});

const renumbered = (leaves: readonly LoggedLeaf[]): LoggedLeaf[] => leaves.map((leaf, seq) => ({ ...leaf, seq }));

function permission(id: number, kind: 'erase' | 'remove' | 'truncate', ranges: string, key = KEY): SealedRow {
  return generatedRow(id, {
    credential_kind: 'operator',
    operation: `audit.${kind}`,
    arguments: signErasure({ kind, rows: SeqRanges.parse(ranges)! }, key),
  });
}

const erased = (row: SealedRow): SealedRow => ({
  ...row,
  user_id: '',
  credential_id: '',
  credential_name: null,
  client_id: null,
  client_name: null,
  arguments: {},
  address: null,
  salt: null,
  address_salt: null,
  address_digest: null,
  personal_digest: personalDigest(row),
});

const truncated = (row: SealedRow): SealedRow => ({
  ...row,
  address: networkOf(row.address),
  address_salt: null,
  address_digest: addressDigest(row),
});

const VALUES: Partial<Record<keyof SealedRow, unknown>> = {
  at: '2026-01-01T00:00:00.001Z',
  user_id: 'usr_other',
  credential_kind: 'oauth',
  credential_id: 'other',
  credential_name: null,
  client_id: 'client',
  client_name: 'claude',
  transport: 'rest',
  operation: 'close_position',
  arguments: { status: 'closed', limit: 20 },
  outcome: 'denied',
  code: 'insufficient_scope',
  duration_ms: 12.347,
  upstream_ms: 0,
  request_id: 'r',
  trace_id: 't',
  address: '192.0.2.200',
  salt: '00000000-0000-4000-8000-000000000000',
  address_salt: '00000000-0000-4000-8000-000000000000',
};

describe('a log that was tampered with', () => {
  const log = sealedLog(rows(), BATCH);

  it('verifies before', () => {
    expect(verify(log)).toMatchObject({ problems: [], leaves: ROWS, checkpoints: 4, notes: [] });
  });

  it.each(Object.entries(VALUES))('names the row whose %s was edited', (field, value) => {
    const edited = withRow(log, 17, { ...log.leaves[17]!.row!, [field]: value });
    expect(verify(edited)).toMatchObject({
      problemCount: 1,
      problems: [{ seq: 17, message: expect.stringMatching(/^row 18 .*edited/) }],
    });
  });

  it('has a field of every row under test', () => {
    const digests = ['id', 'personal_digest', 'address_digest'];
    expect([...Object.keys(VALUES), ...digests].sort()).toEqual(Object.keys(generatedRow(1)).sort());
  });

  it('names the batch when the leaf was made to fit', () => {
    const row = { ...log.leaves[17]!.row!, outcome: 'denied' };
    const fitting = withRow(log, 17, row);
    fitting.leaves[17] = { ...fitting.leaves[17]!, leaf: leafOf(row) };
    expect(verify(fitting).problems).toEqual([{ seq: 10, message: expect.stringContaining('leaves 10 to 19') }]);
  });

  it('text moved from a field to its neighbour is an edit', () => {
    const row = log.leaves[3]!.row!;
    const moved = { ...row, transport: row.transport.slice(0, 1), operation: row.transport.slice(1) + row.operation };
    expect(verify(withRow(log, 3, moved)).problems[0]?.seq).toBe(3);
  });

  it('names the row that was deleted, and the leaf', () => {
    expect(verify(withRow(log, 8, null)).problems).toEqual([
      { seq: 8, message: expect.stringContaining('leaf 8 is gone') },
    ]);
    const leaves = log.leaves.filter(({ seq }) => seq !== 8);
    expect(verify({ ...log, leaves }).problems[0]).toEqual({
      seq: 8,
      message: expect.stringContaining('leaf 8 is missing'),
    });
    const closed = verify({ ...log, leaves: renumbered(leaves) });
    expect(closed.problems[0]).toEqual({ seq: 0, message: expect.stringContaining('leaves 0 to 9') });
  });

  it('names the row that was inserted', () => {
    const stranger = generatedRow(9_999);
    const leaves = [...log.leaves];
    leaves.splice(12, 0, { seq: 12, event_id: 9_999, leaf: leafOf(stranger), row: stranger });
    const { problems } = verify({ ...log, leaves: renumbered(leaves) });
    expect(problems.map(({ message }) => message).join()).toMatch(
      /row 13 \(leaf 13\) does not stand where it was sealed: row 9999/,
    );
    expect(problems[0]?.seq).toBe(10);
    const verifier = new LogVerifier(new KeyRing([KEY.publicKey]));
    replay(log, verifier);
    verifier.unsealed(generatedRow(9_999), false);
    expect(verifier.finish().problems).toEqual([
      { seq: ROWS, message: expect.stringContaining('row 9999 was never sealed') },
    ]);
  });

  it('names rows that changed places', () => {
    const leaves = [...log.leaves];
    [leaves[21], leaves[22]] = [leaves[22]!, leaves[21]!];
    expect(verify({ ...log, leaves }).problems[0]?.seq).toBe(21);
    const { problems } = verify({ ...log, leaves: renumbered(leaves) });
    expect(problems).toContainEqual({ seq: 22, message: expect.stringContaining('row 22 (leaf 22) does not stand') });
    const contents = withRow(withRow(log, 21, log.leaves[22]!.row), 22, log.leaves[21]!.row);
    expect(verify(contents).problems.map(({ seq }) => seq)).toEqual(expect.arrayContaining([21, 22]));
  });

  it('names swapped, altered, missing and foreign checkpoints', () => {
    const [a, b, c, d] = log.checkpoints as [never, never, never, never];
    expect(verify({ ...log, checkpoints: [a, c, b, d] }).problemCount).toBeGreaterThan(0);
    const swapped = [a, { ...(b as object), root: (c as { root: string }).root } as never, c, d];
    expect(verify({ ...log, checkpoints: swapped }).problems[0]?.message).toContain('checkpoint 20 has a signature');
    expect(verify({ ...log, checkpoints: [a, c, d] }).problems[0]?.message).toContain('checkpoint 30 does not follow');
    expect(verify({ ...log, checkpoints: [a, b, c] }).problems[0]).toEqual({
      seq: 30,
      message: expect.stringContaining('no checkpoint'),
    });
    const foreign = sealedLog(rows(), BATCH, OTHER_KEY);
    expect(verify(foreign).problems[0]?.message).toMatch(/checkpoint 10 is signed by a key that is not trusted/);
    const posing = foreign.checkpoints.map((checkpoint) => ({ ...checkpoint, key_id: KEY.keyId }));
    expect(verify({ ...foreign, checkpoints: posing }).problems[0]?.message).toContain('checkpoint 10 has a signature');
  });

  it('after a rotation both keys verify it, and one alone does not', () => {
    const whole = rows();
    const first = sealedLog(whole, BATCH);
    const second = sealedLog(whole, BATCH, OTHER_KEY);
    const rotated = { ...first, checkpoints: [...first.checkpoints.slice(0, 2), ...second.checkpoints.slice(2)] };
    expect(verify(rotated, [], [KEY.publicKey, OTHER_KEY.publicKey]).problems).toEqual([]);
    expect(verify(rotated).problems[0]).toEqual({ seq: 20, message: expect.stringContaining('not trusted') });
  });

  it('a cut tail shows only against a checkpoint that was kept elsewhere', () => {
    const cut = { leaves: log.leaves.slice(0, 20), checkpoints: log.checkpoints.slice(0, 2) };
    expect(verify(cut).problems).toEqual([]);
    expect(verify(cut, [log.checkpoints[3]!]).problems).toEqual([
      { seq: 20, message: expect.stringContaining('20 to 39') },
    ]);
  });

  it('a log signed anew by who holds the key shows against a kept checkpoint', () => {
    const other = sealedLog(rows(), BATCH);
    expect(verify(other, [log.checkpoints[1]!]).problems[0]?.message).toContain('kept checkpoint 20');
  });
});

describe('erasure', () => {
  const original = rows();
  const all = [
    ...original,
    permission(41, 'erase', '5,7-8'),
    permission(42, 'remove', '0-1'),
    permission(43, 'truncate', '0-39'),
  ];
  const log = sealedLog(all, BATCH);

  it('what is permitted verifies', () => {
    let forgotten = log;
    for (const seq of [5, 7, 8]) forgotten = withRow(forgotten, seq, erased(all[seq]!));
    forgotten = withRow(withRow(withRow(forgotten, 0, null), 1, null), 20, truncated(all[20]!));
    expect(verify(forgotten)).toMatchObject({ problems: [], erased: 3, removed: 2, truncated: 1 });
    expect(verify(withRow(forgotten, 7, erased(truncated(all[7]!)))).problems).toEqual([]);
  });

  it('what is not permitted is named', () => {
    expect(verify(withRow(log, 6, erased(all[6]!))).problems[0]).toEqual({
      seq: 6,
      message: expect.stringContaining('no sealed row permits'),
    });
    expect(verify(withRow(log, 2, null)).problems[0]?.seq).toBe(2);
    expect(verify(withRow(log, 41, null)).problems.map(({ seq }) => seq)).toContain(41);
  });

  it('an edit posing as an erasure is named', () => {
    const { personal_digest } = erased(all[5]!);
    for (const posing of [
      { ...erased(all[5]!), outcome: 'denied' },
      { ...erased(all[5]!), user_id: 'usr_other' },
      { ...erased(all[5]!), arguments: { symbol: 'BTC' } },
      { ...all[5]!, personal_digest },
      { ...erased({ ...all[5]!, user_id: 'usr_other' }) },
      { ...truncated(all[5]!), address: '198.51.100.0/24' },
      { ...truncated(all[5]!), address: '192.0.2.77' },
    ])
      expect(verify(withRow(log, 5, posing)).problems[0]).toEqual({
        seq: 5,
        message: expect.stringContaining('row 6 (leaf 5'),
      });
  });

  it('a permission that somebody wrote without the key permits nothing', () => {
    const forged = {
      ...permission(41, 'erase', '5'),
      arguments: { kind: 'erase', rows: '5', key_id: KEY.keyId, signature: 'ab' },
    };
    const other = sealedLog([...original, forged], BATCH);
    expect(verify(withRow(other, 5, erased(original[5]!))).problems).toHaveLength(2);
    const foreign = sealedLog([...original, permission(41, 'erase', '5', OTHER_KEY)], BATCH);
    expect(verify(withRow(foreign, 5, erased(original[5]!))).problems).toHaveLength(2);
  });
});

describe('an export', () => {
  it('verifies like the log, and says which line is none of it', () => {
    const log = sealedLog(rows(), BATCH);
    const lines = [
      ...log.leaves.map((leaf) => exportLine({ type: 'leaf', leaf })),
      ...log.checkpoints.map((checkpoint) => exportLine({ type: 'checkpoint', checkpoint })),
    ];
    const ordered = lines
      .slice(0, 10)
      .concat(
        lines[40]!,
        lines.slice(10, 20),
        lines[41]!,
        lines.slice(20, 30),
        lines[42]!,
        lines.slice(30, 40),
        lines[43]!,
      );
    const read = (text: readonly string[]): VerificationReport => {
      const verifier = new LogVerifier(new KeyRing([KEY.publicKey]));
      for (const [i, line] of text.entries()) verifyLine(line, i + 1, verifier);
      return verifier.finish();
    };
    expect(read(ordered).problems).toEqual([]);
    for (const bad of [
      '{',
      'null',
      '[]',
      '{"type":"leaf"}',
      '{"type":"checkpoint","tree_size":"1"}',
      '{"type":"x","row":null}',
    ])
      expect(read([bad, ...ordered]).problems).toEqual([
        { seq: 0, message: 'line 1 is not readable as part of a log' },
      ]);
    expect(read(ordered.map((line) => line.replace('"usr_7"', '"usr_8"'))).problems[0]?.seq).toBe(6);
    // What no signature covers, but a reader may take for a part of the log.
    const embellished: [RegExp, string][] = [
      [/"outcome":"ok"/, '"outcome":"denied","outcome":"ok"'],
      [/"outcome":"ok"/, '"outcome": "ok"'],
      [/"outcome":"ok"/, '"outcome":"o\\u006b"'],
      [/"duration_ms":([\d.]+)/, '"duration_ms":$10'],
      [/^\{/, '{"note":"approved by the user",'],
      [/"status":"open"/, '"status":"closed","status":"open"'],
    ];
    for (const [pattern, more] of embellished) {
      const at = ordered.findIndex((line) => pattern.test(line));
      const changed = ordered.with(at, ordered[at]!.replace(pattern, more));
      expect(changed).not.toEqual(ordered);
      expect(read(changed).problems.map(({ message }) => message)).toEqual([
        `line ${at + 1} is not as an export writes it: something was added to it, or stands in it twice`,
      ]);
    }
    const inRow = ordered.with(0, ordered[0]!.replace('"row":{', '"row":{"note":"approved by the user",'));
    expect(read(inRow).problems[0]?.message).toBe('line 1 is not readable as part of a log');
    const checkpoint = ordered.findIndex((line) => line.includes('"type":"checkpoint"'));
    const noted = ordered.with(checkpoint, ordered[checkpoint]!.replace('}', ',"note":"seen"}'));
    expect(read(noted).problems[0]?.message).toMatch(/^line 11 is not as an export writes it/);
  });
});
