import { randomBytes } from 'node:crypto';

/** The digits of base62, in order. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random text of the system's random numbers, 5.95 bits a character. */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 = 4 × 62: larger bytes would make the first characters of the alphabet likelier.
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]!;
    }
  }
  return text;
}
