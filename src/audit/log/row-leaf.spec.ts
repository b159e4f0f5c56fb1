import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { networkOf } from './network.js';
import { leafOf } from './row-leaf.js';
import type { SealedRow } from './sealed-row.js';

const base: SealedRow = {
  id: 7,
  at: '2026-11-22T18:00:00.000Z',
  user_id: 'usr_1',
  credential_kind: 'pat',
  credential_id: '3f0c2a2e-1111-4222-8333-123456789abc',
  credential_name: 'laptop',
  client_id: null,
  client_name: 'claude-desktop/1.2.3',
  transport: 'mcp',
  operation: 'get_positions',
  arguments: { status: 'open', limit: 20, dry_run: true },
  outcome: 'ok',
  code: null,
  duration_ms: 12.346,
  upstream_ms: 7.5,
  request_id: '0e8d7f16-2222-4333-8444-000000000007',
  trace_id: null,
  address: '192.0.2.7',
  salt: '11111111-2222-4333-8444-555555555555',
  address_salt: '66666666-7777-4888-8999-aaaaaaaaaaaa',
  personal_digest: null,
  address_digest: null,
};

/** The encoding as it is meant, without regard to speed. */
function plainLeafOf(row: SealedRow): string {
  const digest = (input: string): string => createHash('sha256').update(input).digest('hex');
  const text = (value: string | null): string => (value === null ? '~' : `${value.length}:${value}`);
  const args = Object.keys(row.arguments).toSorted();
  const canonical = args.map((key) => {
    const value = row.arguments[key]!;
    return text(key) + (typeof value === 'string' ? text(value) : `${JSON.stringify(value)};`);
  });
  const who = [row.user_id, row.credential_id, row.credential_name, row.client_id, row.client_name];
  const what = [row.at, row.credential_kind, row.transport, row.operation, row.outcome, row.code];
  const address = row.address_digest ?? digest(`address 1${text(row.address_salt)}${text(row.address)}`);
  const personal =
    row.personal_digest ??
    digest(
      `personal 1${text(row.salt)}${who.map(text).join('')}{${args.length};${canonical.join('')}` +
        `${text(networkOf(row.address))}${address}`,
    );
  const times = `#${row.duration_ms};#${row.upstream_ms};`;
  return digest(
    `\0${digest(`public 1#${row.id};${what.map(text).join('')}${times}${text(row.request_id)}${text(row.trace_id)}`)}${personal}`,
  );
}

describe('leafOf', () => {
  it.each<[string, Partial<SealedRow>, string]>([
    ['a row', {}, '92dcb4edc0fc71284fcb3c6c4e30c94c5d2bace327ade25660ba793970b924c5'],
    [
      'texts beyond ASCII',
      { client_name: 'Bücher 👩‍💻', arguments: { symbol: 'é' } },
      'a7007f6092802fb75fc08ce2966f359b4fd9c30e23906e4f914bb2123d3b7897',
    ],
    [
      'what is seldom there',
      { code: 'forbidden', client_id: 'c', trace_id: 'ab'.repeat(16), address: '2001:db8::7' },
      '0f8e1891e468e41641657c3ae0b2e98237a360152ab89bbd0b4da8abfc0955e2',
    ],
    [
      'what is not there',
      { credential_name: null, client_name: null, address: null, arguments: {} },
      '553fb0f92610195d92b254745201b7949b1c160cdfdaf8466a4c3c4c7ea5f6ac',
    ],
    [
      'a truncated row',
      { address: '192.0.2.0/24', address_salt: null, address_digest: 'ab'.repeat(32) },
      '24d2f2df04e0716095437d9d88858dc83b9c4f40bdfbb9a72b128ce10ae32edf',
    ],
    [
      'salts that are no UUIDs',
      { salt: 'salt', address_salt: 'x'.repeat(600) },
      'e171fe99b3e60d61b3e31332bc451becde4feb6e08dbafcb465b5957e322f3af',
    ],
  ])('makes the leaf of %s that every release has made', (_, more, leaf) => {
    expect(leafOf({ ...base, ...more })).toBe(leaf);
  });

  const some = fc.constantFrom('', 'a', 'ab', 'usr_1', 'é\ud800', 'x'.repeat(600));
  const maybe = fc.option(some);
  const row = fc.record({
    ...(Object.fromEntries(Object.entries(base).map(([name, value]) => [name, fc.constant(value)])) as Record<
      keyof SealedRow,
      never
    >),
    user_id: some,
    credential_id: some,
    credential_name: maybe,
    client_id: maybe,
    client_name: maybe,
    credential_kind: some,
    transport: some,
    operation: some,
    outcome: some,
    code: maybe,
    trace_id: maybe,
    salt: maybe,
    address: fc.option(fc.constantFrom('192.0.2.7', '192.0.2.8', '2001:db8::7', 'unknown')),
    arguments: fc.dictionary(
      fc.constantFrom('a', 'b', '7', '__proto__', 'toString'),
      fc.oneof(some, fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
    ),
  }) as fc.Arbitrary<SealedRow>;

  it('takes nothing of one row for that of another, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        expect(rows.map(leafOf)).toEqual(rows.map(plainLeafOf));
      }),
    );
  });

  it('sees that arguments were changed in place', () => {
    const args: Record<string, string> = { status: 'open' };
    const before = leafOf({ ...base, arguments: args });
    args['status'] = 'closed';
    expect(leafOf({ ...base, arguments: args })).not.toBe(before);
  });
});
