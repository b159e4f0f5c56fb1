import { describe, expect, it } from '@jest/globals';
import { generatePat } from './pat-format.js';
import { PatHash } from './pat-hash.js';

const hash = new PatHash('pepper-of-the-one-instance-0123456789');
const other = new PatHash('pepper-of-another-place-0123456789abc');

describe('the hashes of a personal access token', () => {
  it('keeps argon2id at 1 MiB, one pass, one lane', async () => {
    expect(await hash.hashSecret(generatePat().secret)).toMatch(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$/);
  });

  it('verifies the secret only with the pepper it was hashed with', async () => {
    const { secret } = generatePat();
    const phc = await hash.hashSecret(secret);
    expect(await hash.verifySecret(phc, secret)).toBe(true);
    expect(await hash.verifySecret(phc, generatePat().secret)).toBe(false);
    expect(await other.verifySecret(phc, secret)).toBe(false);
  });

  it('tags the whole token with eight bytes that depend on the pepper', () => {
    const parts = generatePat();
    expect(hash.tag(parts)).toHaveLength(8);
    expect(hash.tagMatches(parts, hash.tag(parts))).toBe(true);
    expect(hash.tagMatches(parts, other.tag(parts))).toBe(false);
    expect(hash.tagMatches(parts, hash.tag(generatePat()))).toBe(false);
  });

  it('matches nothing without a row, nor a tag of another length', () => {
    const parts = generatePat();
    expect(hash.tagMatches(parts, undefined)).toBe(false);
    expect(hash.tagMatches(parts, new Uint8Array())).toBe(false);
    expect(hash.tagMatches(parts, hash.tag(parts).subarray(0, 7))).toBe(false);
  });
});
