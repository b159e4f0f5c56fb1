import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SessionCapsules } from './session-capsule.js';

const content = {
  protocolVersion: '2025-11-25',
  clientName: 'Client',
  clientVersion: '1.0',
  abilities: ['form' as const],
  credentialId: 'cred-1',
};

describe('SessionCapsules', () => {
  const capsules = new SessionCapsules('pepper-of-the-tests');

  it('opens for the credential that opened it, on any instance with the same secret', () => {
    const value = capsules.seal(content);
    expect(new SessionCapsules('pepper-of-the-tests').open(value, 'cred-1')).toMatchObject(content);
  });

  it('stays closed for another credential, another secret, and after its day', () => {
    const now = Date.now();
    const value = capsules.seal(content, now);
    expect(capsules.open(value, 'cred-2', now)).toBeUndefined();
    expect(new SessionCapsules('other').open(value, 'cred-1', now)).toBeUndefined();
    expect(capsules.open(value, 'cred-1', now + 23 * 3_600_000)).toBeDefined();
    expect(capsules.open(value, 'cred-1', now + 25 * 3_600_000)).toBeUndefined();
  });

  it('is visible ASCII whatever the client calls itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (clientName) => {
        const value = capsules.seal({ ...content, clientName });
        expect(value).toMatch(/^[\x21-\x7e]+$/);
        expect(capsules.open(value, 'cred-1')).toBeDefined();
      }),
    );
  });

  it('refuses any changed or cut value', () => {
    const value = capsules.seal(content);
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, character) => {
        fc.pre(value[at] !== character);
        const changed = value.slice(0, at) + character + value.slice(at + 1);
        const opened = capsules.open(changed, 'cred-1');
        // The last character of base64url has unused bits: the same bytes may have two spellings.
        if (opened !== undefined)
          expect(Buffer.from(changed.split('.')[1]!, 'base64url')).toEqual(
            Buffer.from(value.split('.')[1]!, 'base64url'),
          );
      }),
    );
    expect(capsules.open(value.slice(0, -5), 'cred-1')).toBeUndefined();
    expect(capsules.open('', 'cred-1')).toBeUndefined();
    expect(capsules.open(`${value}.x`, 'cred-1')).toBeUndefined();
  });
});
