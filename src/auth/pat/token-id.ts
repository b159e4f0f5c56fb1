import { createHash } from 'node:crypto';

/**
 * The id of the token that a form makes: a UUID of our own making (version 8, RFC 9562 §5.8) that only this user can
 * have asked for, so that the row itself remembers that the form was sent.
 * @param nonce of the form
 */
export function tokenIdOf(userId: string, nonce: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify(['pat', userId, nonce]))
    .digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
