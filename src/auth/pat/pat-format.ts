import { crc32 } from 'node:zlib';
import { BASE62, randomBase62 } from '../base62.js';

/** First characters of every personal access token. */
export const PAT_PREFIX = 'tc_pat_';

const SELECTOR_LENGTH = 12;
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const PATTERN = /^tc_pat_([0-9A-Za-z]{12})([0-9A-Za-z]{32})[0-9A-Za-z]{6}$/;

/** The parts of a well-formed token: the selector finds its row, the secret (190 bits) proves it. */
export interface PatParts {
  readonly token: string;
  readonly selector: string;
  readonly secret: string;
}

/** Makes a new token from the system's random numbers. */
export function generatePat(): PatParts {
  const selector = randomBase62(SELECTOR_LENGTH);
  const secret = randomBase62(SECRET_LENGTH);
  const body = `${PAT_PREFIX}${selector}${secret}`;
  return { token: body + checksum(body), selector, secret };
}

/**
 * Takes a token apart, without asking anybody.
 * @returns undefined when the form or the checksum is wrong: a typo, or not a personal access token at all
 */
export function parsePat(token: string): PatParts | undefined {
  const match = PATTERN.exec(token);
  if (match === null) return undefined;
  const body = token.slice(0, -CHECKSUM_LENGTH);
  if (token.slice(-CHECKSUM_LENGTH) !== checksum(body)) return undefined;
  return { token, selector: match[1]!, secret: match[2]! };
}

/** What a person recognises a token by, e.g. `tc_pat_Ab3…`: three characters of the selector, none of the secret. */
export function patHint(selector: string): string {
  return `${PAT_PREFIX}${selector.slice(0, 3)}…`;
}

/** CRC32 as six base62 digits; it catches every change of up to four neighbouring characters. */
function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
