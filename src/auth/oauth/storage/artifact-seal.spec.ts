import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ArtifactSeal } from './artifact-seal.js';

const seal = new ArtifactSeal('pepper-pepper-pepper-pepper-pepper-1');
const id = seal.idOf('tc_rt_x');

describe('a sealed payload', () => {
  it('opens in its own row, whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
        expect(seal.open('M', id, seal.seal('M', id, payload))).toEqual(JSON.parse(JSON.stringify(payload)));
      }),
    );
  });

  it('does not open in another row, under another pepper, or with one bit changed', () => {
    const sealed = seal.seal('RefreshToken', id, { accountId: 'u' });
    expect(() => seal.open('AccessToken', id, sealed)).toThrow();
    expect(() => seal.open('RefreshToken', seal.idOf('tc_rt_y'), sealed)).toThrow();
    expect(() => new ArtifactSeal('another-pepper-another-pepper-another').open('RefreshToken', id, sealed)).toThrow();
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const changed = new Uint8Array(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        expect(() => seal.open('RefreshToken', id, changed)).toThrow();
      }),
    );
  });

  it('never looks the same twice', () => {
    expect(seal.seal('M', id, {})).not.toEqual(seal.seal('M', id, {}));
  });
});
