import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { capacityTable, withCapacity } from '../../bench/harness/capacity.mjs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/operations.md');

describe('the capacity table of docs/operations.md', () => {
  it('has the figures of bench/report.json', () => {
    expect(page).toBe(withCapacity(page, JSON.parse(read('bench/report.json')) as object));
  });

  it('names as many connections as an instance opens', () => {
    const [, pool] = /POOL_SIZE = (\d+)/.exec(read('src/database/prisma.service.ts'))!;
    // One more listens for notifications.
    expect(page).toContain(`| connections of PostgreSQL | ${Number(pool) + 1} an instance`);
  });
});

/** The cells of the table's row that begins with these words. */
const cells = (report: object, start: string): string[] =>
  capacityTable(report)
    .split('\n')
    .find((line) => line.startsWith(`| ${start} |`))!
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());

describe('capacityTable', () => {
  const legacy = {
    name: 'ours, legacy',
    cpuMicros: { median: 500, low: 400, high: 600 },
    databaseMicros: { median: 100, low: 90, high: 110 },
    rssMb: 200.4,
    upstreamCalls: 1,
  };
  const report = {
    contenders: [legacy, { ...legacy, name: 'ours, modern', databaseMicros: null }],
    budgets: [
      { name: 'idle listen stream, memory', value: 20, unit: 'KB' },
      { name: 'commit, CPU', value: 1234.5, unit: 'µs' },
    ],
    measures: [
      { name: 'audit rows verified by one core, in memory', value: 300_000 },
      { name: 'audit rows taken in', value: 25_000 },
    ],
  };

  it('is what a core does in a second, and a gigabyte holds', () => {
    expect(cells(report, 'reads a second of one core')).toEqual(['2,000', '2,000']);
    expect(cells(report, 'memory under load, MB')).toEqual(['200', '200']);
    expect(cells(report, 'audit rows taken in and sealed in a second')).toEqual(['25,000']);
    expect(cells(report, 'idle streams in 1 GB')).toEqual(['48,828']);
    expect(cells(report, 'commit, CPU, µs')).toEqual(['1234.50']);
  });

  it('says what was not measured', () => {
    expect(cells(report, 'reads a second of one core of PostgreSQL')).toEqual(['10,000', 'not measured']);
    expect(cells(report, 'CPU with metrics and traces, on ÷ off')).toEqual(['not measured', 'not measured']);
    expect(cells(report, 'audit rows verified in a second')).toEqual(['not measured']);
  });

  it.each([
    ['nothing', {}],
    ['no load', { contenders: [], budgets: [], measures: [], machine: {}, settings: {}, broken: ['memory'] }],
    ['a row without figures', { contenders: [{ name: 'ours, legacy' }] }],
    ['a process that used nothing', { contenders: [{ ...legacy, cpuMicros: { median: 0, low: 0, high: 0 } }] }],
  ])('takes a report with %s', (_, partial) => {
    expect(cells(partial, 'reads a second of one core')).toEqual(['not measured', 'not measured']);
    expect(capacityTable(partial)).not.toMatch(/NaN|undefined|Infinity|∞/);
  });

  it('writes nothing into a page without its marks', () => {
    expect(() => withCapacity('# Operations\n', report)).toThrow('no marks');
  });
});
