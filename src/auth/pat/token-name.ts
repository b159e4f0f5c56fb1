import { DRAWN_INVISIBLE } from '../../audit/drawn-invisible.js';

const MAX_NAME = 60;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const DRAWN = new RegExp(DRAWN_INVISIBLE, 'gu');

/** What a token's name must be, in words. */
export const TOKEN_NAME_RULE = `must have 1 to ${MAX_NAME} characters, none of them invisible`;

/** Whether a trimmed name can be shown as what it is: what nobody sees could make two names look the same. */
export function isTokenName(name: string): boolean {
  return name !== '' && [...name].length <= MAX_NAME && !INVISIBLE.test(name.replace(DRAWN, ''));
}

/** Equal for names that people take for the same. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');
}
