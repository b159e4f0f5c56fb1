import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { exportAddress, filterOf, pageAddress, readActivityQuery } from './activity-query.js';

const BLANK = { app: '', token: '', tool: '', outcome: '', from: '', to: '' };

describe('readActivityQuery', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a day that does not exist', { from: '2026-02-30' }, 'from'],
    ['a day in another form', { to: '31.12.2026' }, 'to'],
    ['a last day before the first', { from: '2026-03-02', to: '2026-03-01' }, 'to'],
    ['an outcome that there is not', { outcome: 'toString' }, 'outcome'],
    ['two tokens', { token: ['a', 'b'] }, 'token'],
    ['a name with a control character', { app: 'a\u0000' }, 'app'],
    ['an endless name', { tool: 'x'.repeat(201) }, 'tool'],
  ])('names %s', (_what, raw, field) => {
    const { errors } = readActivityQuery(raw);
    expect(Object.keys(errors)).toEqual([field]);
  });

  it('keeps what was asked, wrong or not, and says which day is none', () => {
    const { query, errors } = readActivityQuery({ from: '2026-02-30', tool: 'get_positions' });
    expect(query).toEqual({ ...BLANK, from: '2026-02-30', tool: 'get_positions' });
    expect(errors.from).toContain('“2026-02-30”');
  });

  it('asks for nothing when nothing is given, and for nothing that is no field', () => {
    for (const raw of [undefined, null, {}, { cursor: 'x', __proto__: { app: 'y' } }])
      expect(readActivityQuery(raw)).toEqual({ query: BLANK, errors: {} });
  });

  it('never lets through what the log cannot be asked', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('2026-02-29', '2024-02-29', 'ok'));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(BLANK)), text), (raw) => {
        const { query, errors } = readActivityQuery(raw);
        for (const value of Object.values(query)) expect(value).not.toMatch(/\p{C}/u);
        if (Object.keys(errors).length === 0) expect(query).toEqual({ ...BLANK, ...raw });
      }),
    );
  });
});

describe('a filter', () => {
  const { query } = readActivityQuery({ tool: 'close_position', from: '2026-03-01', to: '2026-03-01' });

  it('covers the whole last day, and a tool at every door', () => {
    expect(filterOf(query)).toEqual({
      operations: ['close_position', 'PUT /api/trade/close/:id'],
      since: new Date('2026-03-01T00:00:00Z'),
      until: new Date('2026-03-02T00:00:00Z'),
    });
  });

  it('has the same in the addresses of its exports and of its next page', () => {
    expect(exportAddress(query, 'csv')).toBe(
      '/v1/activity?format=csv&tool=close_position&since=2026-03-01T00%3A00%3A00.000Z&until=2026-03-02T00%3A00%3A00.000Z',
    );
    expect(pageAddress(query, 'abc')).toBe(
      '/settings/activity?tool=close_position&from=2026-03-01&to=2026-03-01&cursor=abc',
    );
  });
});
