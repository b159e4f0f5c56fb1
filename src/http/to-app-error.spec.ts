import { describe, expect, it } from '@jest/globals';
import { toAppError } from './to-app-error.js';

/** As Node and Fastify together report a client that went away before its body was complete. */
const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe('toAppError', () => {
  it('tells a client that went away from a database that did', () => {
    expect(toAppError(aborted).code).toBe('invalid_request');
    expect(toAppError(lost).code).toBe('database_unavailable');
  });

  it('has no place for what nobody foresaw but internal_error', () => {
    expect([toAppError(new Error('surprise')).code, toAppError(undefined).code, toAppError('text').code]).toEqual([
      'internal_error',
      'internal_error',
      'internal_error',
    ]);
  });
});
