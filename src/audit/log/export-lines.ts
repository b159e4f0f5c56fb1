import { asCheckpoint } from './checkpoint.js';
import type { LogPart } from './log-reader.js';
import type { LogVerifier } from './log-verifier.js';
import { sealedRowOf } from './sealed-row.js';

/** First line of an export. */
export const EXPORT_HEADER = '{"type":"header","format":"tradecafe-audit-log/1"}';

/** One line of an export: the part as JSON. */
export function exportLine(part: LogPart): string {
  const { type, ...rest } = part;
  if (part.type === 'leaf') return JSON.stringify({ type, ...part.leaf });
  if (part.type === 'checkpoint') return JSON.stringify({ type, ...part.checkpoint });
  return JSON.stringify({ type, ...rest });
}

/**
 * Shows one line of an export to a verifier; what is no such line is a problem of the log. So is a line that says more than it
 * would if it was exported today: what stands in it beside the log, or twice, is covered by no signature, and somebody else's
 * reader may take it for a part of the row.
 */
export function verifyLine(line: string, number: number, verifier: LogVerifier): void {
  const part = parse(line);
  if (part === undefined) verifier.unreadable(`line ${number}`);
  else if (part !== null) {
    if (exportLine(part) !== line) verifier.embellished(`line ${number}`);
    showPart(part, verifier);
  }
}

/** Shows a part of a log to a verifier. */
export function showPart(part: LogPart, verifier: LogVerifier): void {
  if (part.type === 'leaf') verifier.leaf(part.leaf);
  else if (part.type === 'checkpoint') verifier.checkpoint(part.checkpoint);
  else verifier.unsealed(part.row, part.awaited);
}

/** @returns null: a line that says nothing; undefined: no line of an export */
function parse(line: string): LogPart | null | undefined {
  if (line === '') return null;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    // Whatever is wrong with it, the answer is the same.
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (value['type'] === 'checkpoint') {
    const checkpoint = asCheckpoint(value);
    return checkpoint && { type: 'checkpoint', checkpoint };
  }
  const row = value['row'] === null ? null : sealedRowOf(value['row']);
  if (row === undefined) return undefined;
  if (value['type'] === 'unsealed' && row !== null)
    return { type: 'unsealed', row, awaited: value['awaited'] === true };
  const { seq, event_id: eventId, leaf } = value;
  if (value['type'] !== 'leaf' || !Number.isSafeInteger(seq) || !Number.isSafeInteger(eventId)) return undefined;
  if (typeof leaf !== 'string' || !/^[\da-f]{64}$/.test(leaf)) return undefined;
  return { type: 'leaf', leaf: { seq: seq as number, event_id: eventId as number, leaf, row } };
}
