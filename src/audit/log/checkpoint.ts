import type { SigningKey } from './signing-key.js';

/** A signed head of the log, as it is stored, exported and kept elsewhere. Digests and signature in hex. */
export interface Checkpoint {
  readonly tree_size: number;
  readonly root: string;
  /** Root of the checkpoint before: a log that was continued twice shows. */
  readonly previous_root: string;
  /** The database's time, never before the checkpoint before. */
  readonly at: string;
  readonly key_id: string;
  readonly signature: string;
}

/** Signs the head of the log. */
export function signCheckpoint(head: Omit<Checkpoint, 'key_id' | 'signature'>, key: SigningKey): Checkpoint {
  const unsigned = { ...head, key_id: key.keyId };
  return { ...unsigned, signature: key.sign(checkpointText(unsigned)) };
}

/** What is signed: everything but the signature, one line each. */
export function checkpointText(checkpoint: Omit<Checkpoint, 'signature'>): string {
  const { tree_size, root, previous_root, at, key_id } = checkpoint;
  return `tradecafe audit checkpoint 1\n${tree_size}\n${root}\n${previous_root}\n${at}\n${key_id}\n`;
}

/** @returns the checkpoint, and nothing beside it, when the value has its shape */
export function asCheckpoint(value: unknown): Checkpoint | undefined {
  const c = value as Partial<Record<keyof Checkpoint, unknown>> | null;
  if (typeof c !== 'object' || c === null || !Number.isSafeInteger(c.tree_size)) return undefined;
  const texts = [c.root, c.previous_root, c.at, c.key_id, c.signature];
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  const { tree_size, root, previous_root, at, key_id, signature } = c as Checkpoint;
  return { tree_size, root, previous_root, at, key_id, signature };
}
