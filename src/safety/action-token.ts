import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

const PREFIX = 'tc_act_';
const BYTES = 32;
const FORM = /^tc_act_[A-Za-z0-9_-]{43}$/;

/** `tc_act_` and 256 random bits, base64url. */
export function newActionToken(): string {
  return PREFIX + randomBytes(BYTES).toString('base64url');
}

/** SHA-256 of a token: 256 random bits need no slow hash. Undefined when it cannot be one of ours. */
export function actionTokenHash(token: string): Uint8Array<ArrayBuffer> | undefined {
  return FORM.test(token) ? sha256(token) : undefined;
}

/** SHA-256 of the arguments' canonical JSON: the same arguments in another order are the same arguments. */
export function argumentsHash(args: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  return sha256(canonicalJson(args));
}

/**
 * The idempotency key of a commit: a function of what was spent for it, so that it is the same however often and on
 * whichever instance it is computed, and tells nothing about the token.
 * @returns a UUID of version 8 (RFC 9562 §5.8)
 */
export function idempotencyKeyOf(spent: Uint8Array): string {
  const digest = createHash('sha256').update('tradecafe idempotency key\0').update(spent).digest();
  const bytes = digest.subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** SHA-256 as the database takes it. */
export function sha256(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}
