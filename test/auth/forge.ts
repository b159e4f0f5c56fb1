import { crc32 } from 'node:zlib';
import { generatePat, parsePat } from '../../src/auth/pat/pat-format.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A well-formed token with the selector of another one and a secret of its own, as an attacker can make it. */
export function forge(token: string): string {
  const { selector } = parsePat(token)!;
  const body = `tc_pat_${selector}${generatePat().secret}`;
  let rest = crc32(body);
  let digits = '';
  for (let index = 0; index < 6; index += 1) {
    digits = ALPHABET[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return body + digits;
}
