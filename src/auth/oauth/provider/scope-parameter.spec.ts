import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ALL_SCOPES, isScope, READ_SCOPES } from '../../scopes.js';
import { effectiveScope } from './scope-parameter.js';

const READS = READ_SCOPES.join(' ');

describe('the scopes of a request', () => {
  it.each([
    [null, READS],
    ['', READS],
    ['openid profile offline_access', READS],
    ['read:pool', 'read:pool'],
    ['openid read:pool admin read:pool', 'read:pool'],
    ['write:trades', 'write:trades'],
    ['admin', 'unknown'],
    ['openid admin', 'unknown'],
  ])('%j are %j', (asked, effective) => {
    expect(effectiveScope(asked)).toBe(effective);
  });

  it('never gain one that was not named', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALL_SCOPES, 'admin', 'openid', 'READ:POOL')), (names) => {
        const effective = effectiveScope(names.join(' '));
        if (names.some(isScope)) for (const scope of effective.split(' ')) expect(names).toContain(scope);
        else expect(effective).not.toContain('write:');
      }),
    );
  });
});
