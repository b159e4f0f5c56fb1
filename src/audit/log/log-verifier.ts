import { type Checkpoint, checkpointText } from './checkpoint.js';
import { type ErasureKind, readErasure } from './erasure.js';
import { EMPTY_ROOT, MerkleFrontier } from './merkle-frontier.js';
import { leafOf, stateOf } from './row-leaf.js';
import type { SealedRow } from './sealed-row.js';
import { SeqRanges } from './seq-ranges.js';
import type { KeyRing } from './signing-key.js';

/** A leaf and the row it was made of; null: the row is gone. */
export interface LoggedLeaf {
  readonly seq: number;
  readonly event_id: number;
  readonly leaf: string;
  readonly row: SealedRow | null;
}

/** Something that cannot be in an honest log. */
export interface Problem {
  /** Where: the leaf at which the log stops being what was signed, as exactly as that can be told. */
  readonly seq: number;
  readonly message: string;
}

export interface VerificationReport {
  /** In the order of the log; the first one names the first bad row. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** Odd, but possible in an honest log. */
  readonly notes: readonly string[];
  readonly leaves: number;
  readonly checkpoints: number;
  readonly unsealed: number;
  readonly truncated: number;
  readonly erased: number;
  readonly removed: number;
  readonly root: string;
}

const MAX_PROBLEMS = 100;
/** Rows claim the time of their writing and are sealed a second later; an instance that was cut off writes late. */
const LATE_MS = 60_000;

const CONSEQUENCE: Readonly<Record<ErasureKind, string>> = {
  truncate: 'has its address truncated',
  erase: 'has its personal fields erased',
  remove: 'is gone',
};

/**
 * Recomputes a log from its rows, in one pass over it: leaves and checkpoints in their order, then the rows that are
 * not sealed yet, then `finish`. Asks nobody and trusts only the given keys.
 */
export class LogVerifier {
  private readonly problems: Problem[] = [];
  private problemCount = 0;
  private readonly tree = new MerkleFrontier();
  private readonly done: Readonly<Record<ErasureKind, SeqRanges>>;
  private readonly permitted: Readonly<Record<ErasureKind, SeqRanges>>;
  private readonly kept = new Map<number, Checkpoint>();
  private last: Pick<Checkpoint, 'tree_size' | 'root' | 'at'> = { tree_size: 0, root: EMPTY_ROOT, at: '' };
  private lateBefore = '';
  private lastEventId = 0;
  private diverged = false;
  private checkpointCount = 0;
  private unsealedCount = 0;
  private late: { readonly first: number; count: number } | undefined;

  /** @param kept checkpoints that were kept elsewhere: the log must still contain them */
  constructor(
    private readonly keys: KeyRing,
    kept: readonly Checkpoint[] = [],
  ) {
    const ranges = (): Record<ErasureKind, SeqRanges> => ({
      truncate: new SeqRanges(),
      erase: new SeqRanges(),
      remove: new SeqRanges(),
    });
    this.done = ranges();
    this.permitted = ranges();
    for (const checkpoint of kept) this.keep(checkpoint);
  }

  leaf(entry: LoggedLeaf): void {
    const { seq, event_id: eventId, leaf, row } = entry;
    const expected = this.tree.size;
    if (seq !== expected) this.misplaced(seq, expected);
    if (eventId <= this.lastEventId)
      this.complain(
        seq,
        `row ${eventId} (leaf ${seq}) does not stand where it was sealed: row ${this.lastEventId} is before it`,
      );
    this.lastEventId = eventId;
    if (row === null) this.done.remove.add(seq);
    else this.row(row, entry);
    this.tree.append(leaf);
    if (this.kept.size > 0) this.compareKept();
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.checkpointCount += 1;
    const { tree_size: size, root, at, previous_root: previous, key_id: keyId, signature } = checkpoint;
    const seq = this.last.tree_size;
    const name = `checkpoint ${size}`;
    const complaint = this.keys.complaint(keyId, checkpointText(checkpoint), signature);
    if (complaint !== undefined) this.complain(seq, `${name} ${complaint}`);
    if (size <= this.last.tree_size) this.complain(seq, `${name} does not stand where it was made`);
    if (previous !== this.last.root) this.complain(seq, `${name} does not follow the checkpoint before it (${seq})`);
    if (at < this.last.at) this.complain(seq, `${name} is older than the checkpoint before it`);
    if (size !== this.tree.size)
      this.complain(Math.min(size, this.tree.size), `${name} covers ${size} leaves, there are ${this.tree.size}`);
    else if (root !== this.tree.root()) this.rootDiffers(name, size);
    this.last = checkpoint;
    this.lateBefore = earlier(at);
    this.lastEventId = 0;
  }

  /** @param awaited it waits to be sealed, as every row does in its first second */
  unsealed(row: SealedRow, awaited: boolean): void {
    this.unsealedCount += 1;
    if (!awaited) this.complain(this.tree.size, `row ${row.id} was never sealed: it was inserted around the log`);
  }

  /** A line of an export that holds something which is no part of the log. */
  embellished(where: string): void {
    this.complain(
      this.tree.size,
      `${where} is not as an export writes it: something was added to it, or stands in it twice`,
    );
  }

  /** A line of an export, or an answer of the database, that is nothing this log consists of. */
  unreadable(where: string): void {
    this.complain(this.tree.size, `${where} is not readable as part of a log`);
  }

  finish(): VerificationReport {
    const { size } = this.tree;
    if (size > this.last.tree_size)
      this.complain(this.last.tree_size, `leaves ${this.last.tree_size} to ${size - 1} are covered by no checkpoint`);
    for (const kept of this.kept.values()) {
      if (kept.tree_size <= size) continue;
      const missing = `${size} to ${kept.tree_size - 1}`;
      this.complain(size, `the log was cut: leaves ${missing} are missing, which a kept checkpoint covers`);
      break;
    }
    for (const kind of ['truncate', 'erase', 'remove'] as const) {
      const seq = this.done[kind].firstOutside(this.permitted[kind]);
      if (seq !== undefined)
        this.complain(seq, `the row of leaf ${seq} ${CONSEQUENCE[kind]}, and no sealed row permits it`);
    }
    return {
      problems: this.problems.sort((a, b) => a.seq - b.seq),
      problemCount: this.problemCount,
      notes: this.notes(),
      leaves: size,
      checkpoints: this.checkpointCount,
      unsealed: this.unsealedCount,
      truncated: this.done.truncate.count,
      erased: this.done.erase.count,
      removed: this.done.remove.count,
      root: this.tree.root(),
    };
  }

  private row(row: SealedRow, { seq, event_id: eventId, leaf }: LoggedLeaf): void {
    if (row.id !== eventId) this.complain(seq, `leaf ${seq} was made of row ${eventId}, not of row ${row.id}`);
    const state = stateOf(row);
    if (state === 'broken' || leafOf(row) !== leaf) {
      this.complain(seq, `row ${row.id} (leaf ${seq}, ${row.at}) was edited after it was sealed`);
      return;
    }
    if (state === 'truncated') this.done.truncate.add(seq);
    else if (state === 'erased') this.done.erase.add(seq);
    if (row.at < this.lateBefore) {
      if (this.late === undefined) this.late = { first: row.id, count: 1 };
      else this.late.count += 1;
    }
    if (row.credential_kind === 'operator') this.permit(row, seq);
  }

  private permit(row: SealedRow, seq: number): void {
    const erasure = readErasure(row, this.keys);
    if (typeof erasure === 'string') this.complain(seq, `row ${row.id} (leaf ${seq}) ${erasure}`);
    else if (erasure !== undefined) this.permitted[erasure.kind].addAll(erasure.rows);
  }

  private misplaced(seq: number, expected: number): void {
    if (this.diverged) return;
    this.diverged = true;
    const what = seq > expected ? `leaf ${expected} is missing` : `leaf ${seq} does not stand where it was sealed`;
    this.complain(Math.min(seq, expected), `${what}: leaf ${seq} comes after leaf ${expected - 1}`);
  }

  private rootDiffers(name: string, size: number): void {
    // Every later root contains this one: what follows from the first difference is no news.
    if (this.diverged) return;
    this.diverged = true;
    const from = this.last.tree_size;
    this.complain(from, `leaves ${from} to ${size - 1} are not those that ${name} was signed for`);
  }

  private keep(checkpoint: Checkpoint): void {
    const { tree_size: size, key_id: keyId, signature } = checkpoint;
    const complaint = this.keys.complaint(keyId, checkpointText(checkpoint), signature);
    if (complaint !== undefined) this.complain(0, `the kept checkpoint ${size} ${complaint}`);
    else if (this.kept.has(size) && this.kept.get(size)!.root !== checkpoint.root)
      this.complain(0, `two kept checkpoints ${size} differ: two logs were signed`);
    else this.kept.set(size, checkpoint);
  }

  private compareKept(): void {
    const kept = this.kept.get(this.tree.size);
    if (kept === undefined || kept.root === this.tree.root()) return;
    const from = this.last.tree_size;
    this.complain(from, `leaves up to ${this.tree.size - 1} are not those of the kept checkpoint ${this.tree.size}`);
    this.kept.clear();
  }

  private complain(seq: number, message: string): void {
    this.problemCount += 1;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ seq, message });
  }

  private notes(): string[] {
    const { late } = this;
    if (late === undefined) return [];
    return [
      `${late.count} rows were sealed more than ${LATE_MS / 1_000} s after the time they claim, the first is row ${late.first}: ` +
        'a clock was set, an instance was cut off from the database, or somebody inserted them',
    ];
  }
}

function earlier(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? '' : new Date(time - LATE_MS).toISOString();
}
