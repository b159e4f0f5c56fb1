import { describe, expect, it } from '@jest/globals';
import { isDatabaseUnavailable, sqlState } from './database-errors.js';

describe('isDatabaseUnavailable', () => {
  it.each([
    ['refused', { code: 'ECONNREFUSED' }],
    ['several addresses refused', new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])],
    ['shut down by an administrator', { code: '57P01' }],
    ['starting up', { code: '57P03' }],
    ['too many connections', { code: '53300' }],
    ['connection failure', { code: '08006' }],
    ['a replica after a failover', { code: '25006' }],
    ['a transaction that took too long', { code: '25P04' }],
    ['Prisma at start-up', { errorCode: 'P1001' }],
    [
      'a statement cancelled by its timeout',
      { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '57014' } } } },
    ],
    ['the adapter', { name: 'DriverAdapterError', cause: { kind: 'DatabaseNotReachable' } }],
    ['node-postgres', new Error('Connection terminated unexpectedly')],
    ['wrapped by our own code', new Error('x', { cause: new Error('y', { cause: { code: 'P1017' } }) })],
  ])('is true: %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  const circular = new Error('x');
  circular.cause = circular;
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'ECONNREFUSED'],
    ['a number as code', { code: 57014 }],
    ['unique violation', { code: 'P2002' }],
    ['no such row', { code: 'P2025' }],
    ['syntax error', { code: '42601' }],
    ['a code that only begins alike', { code: 'ECONNREFUSED_NOT' }],
    ['an error that is its own cause', circular],
  ])('is false: %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});

describe('sqlState', () => {
  it("finds PostgreSQL's code below Prisma's and Node's", () => {
    expect(sqlState({ code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '23505' } } } })).toBe(
      '23505',
    );
    expect(sqlState({ code: 'EPIPE', cause: { code: 'P0001' } })).toBe('P0001');
    expect(sqlState({ code: 'P1001' })).toBeUndefined();
    expect(sqlState(undefined)).toBeUndefined();
  });
});
