import { describe, expect, it } from '@jest/globals';
import { removeSecrets } from './logger.js';

describe('removeSecrets', () => {
  it.each([
    ['tc_pat_abcDEF123', 'a personal access token'],
    ['tc_at_abc-_123', 'an access token'],
    ['tc_rt_abc', 'a refresh token'],
    ['tc_act_abc', 'an action token'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln', 'a JWT'],
  ])('removes %s (%s) from the middle of a line', (secret) => {
    expect(removeSecrets(`{"msg":"failed for ${secret}, sorry"}`)).toBe('{"msg":"failed for [redacted], sorry"}');
  });

  it('leaves everything else alone', () => {
    const line = '{"msg":"tc_pat is a prefix, eyJ is not a token"}';
    expect(removeSecrets(line)).toBe(line);
  });
});
