import { median, ratios } from './statistics.mjs';

/** What one row costs as a part of another one: both rows, and the largest part that is allowed. */
const COST = [
  ['CPU per guarded `tools/call`, ours ÷ SDK v1 documented, legacy leg', 'ours, legacy', 'SDK v1, legacy', 0.1],
  ['CPU per guarded `tools/call`, ours ÷ SDK v1 documented, modern leg', 'ours, modern', 'SDK v1, legacy', 0.15],
  ['ours ÷ mcp-nest (unguarded, on Fastify)', 'ours, legacy', 'mcp-nest on Fastify, legacy', 0.5],
  ['ours ÷ bare Fastify with the same upstream', 'ours, legacy', 'bare Fastify, legacy', 3],
];

/** How much of the throughput of one row another one keeps, and the least that it must. */
const THROUGHPUT = [
  ['all policy on ÷ all policy off, throughput', 'ours, legacy', 'ours without policy, legacy', 0.76],
  ['audit on ÷ audit off, read throughput', 'ours, legacy', 'ours without audit, legacy', 0.9],
];

/**
 * The budgets that the side-by-side run decides. Throughput is what a process that has its core to itself can serve, that
 * is calls a CPU second: on a machine that is shared, requests a second are the neighbours' business.
 */
export function budgetsOf(rows) {
  const column = (name, field) => rows.find((row) => row.name === name).samples.map((sample) => sample[field]);
  const cost = COST.map(([name, above, below, limit]) => {
    const value = median(ratios(column(above, 'cpuMicros'), column(below, 'cpuMicros')));
    return { name, value, limit, met: value <= limit, unit: '' };
  });
  const throughput = THROUGHPUT.map(([name, above, below, limit]) => {
    const value = median(ratios(column(below, 'cpuMicros'), column(above, 'cpuMicros')));
    const perSecond = median(ratios(column(above, 'perSecond'), column(below, 'perSecond')));
    return { name, value, limit, met: value >= limit, unit: '', detail: `requests a second: ${perSecond.toFixed(2)}` };
  });
  return [...cost, ...throughput];
}

/** Whether a measure is held to something: at most its `limit`, or at least its `atLeast`. */
export function isBudget({ limit, atLeast }) {
  return limit !== undefined || atLeast !== undefined;
}

/** The budgets among the measures of a micro benchmark. */
export function budgetsAmong(measures) {
  return measures.filter(isBudget).map(({ name, value, limit, atLeast, unit, detail }) => ({
    name,
    value,
    limit: limit ?? atLeast,
    met: limit === undefined ? value >= atLeast : value <= limit,
    unit,
    detail,
  }));
}
