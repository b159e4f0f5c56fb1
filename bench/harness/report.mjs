import { median, spread } from './statistics.mjs';

/** The report as data: what bench/report.json holds. */
export function reportData({ machine, versions, postgres, settings, rows, budgets, measures, broken }) {
  const contenders = rows.map(({ name, samples }) => {
    const column = (field) => samples.map((sample) => sample[field]);
    const databaseMicros = column('databaseMicros');
    return {
      name,
      cpuMicros: spread(column('cpuMicros')),
      databaseMicros: databaseMicros.includes(undefined) ? null : spread(databaseMicros),
      perSecond: spread(column('perSecond')),
      p50Ms: median(column('p50')),
      p99Ms: median(column('p99')),
      rssMb: Math.max(...column('rssMb')),
      upstreamCalls: median(column('upstreamCalls')),
    };
  });
  return { machine: { ...machine, postgres }, versions, settings, contenders, budgets, measures, broken };
}

/** The report for people. */
export function reportText({ machine, versions, settings, contenders, budgets, measures, broken }) {
  const missed = budgets.filter(({ met }) => !met);
  return [
    '# Benchmark report',
    '',
    `Written by \`npm run bench\`${settings.quick ? ' (`--quick`)' : ''}; how it measures: [docs/performance.md](../docs/performance.md).`,
    '',
    `- ${machine.at}, commit ${machine.commit || 'unknown'}${machine.changed ? ' with local changes' : ''}`,
    `- ${machine.processor}, ${machine.memoryGb} GB, ${machine.system}, load ${machine.load.toFixed(1)} at the start`,
    `- Node ${machine.node}, PostgreSQL ${machine.postgres}`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    '',
    '## Budgets',
    '',
    missed.length === 0
      ? 'All met.'
      : `Missed, and [why](../docs/performance.md#where-the-time-goes): ${missed.map(({ name }) => name).join('; ')}.`,
    ...(broken.length === 0 ? [] : ['', `**Not measured, because the benchmark broke: ${broken.join(', ')}.**`]),
    '',
    ...table(
      ['budget', 'value', 'limit', 'met', ''],
      budgets.map(({ name, value, limit, met, unit, detail }) => [
        name,
        amount(value, unit),
        amount(limit, unit),
        met ? 'yes' : '**no**',
        detail ?? '',
      ]),
    ),
    '',
    '## Side by side',
    '',
    `One \`tools/call\` of \`get_positions\` with one upstream call; ${settings.rounds} interleaved rounds of ${settings.amount} calls over 16 connections.`,
    'Medians; in brackets what half of all rounds lie between. CPU is of the server process, that of PostgreSQL stands beside it.',
    '',
    ...table(
      ['contender', 'CPU µs a call', 'PostgreSQL µs', 'calls/s', 'p50 ms', 'p99 ms', 'RSS MB', 'upstream calls'],
      contenders.map((row) => [
        row.name,
        interval(row.cpuMicros),
        row.databaseMicros === null ? '' : interval(row.databaseMicros),
        interval(row.perSecond),
        row.p50Ms.toFixed(0),
        row.p99Ms.toFixed(0),
        row.rssMb.toFixed(0),
        row.upstreamCalls.toFixed(2),
      ]),
    ),
    '',
    '## More measures',
    '',
    ...table(
      ['measure', 'value', ''],
      measures.map(({ name, value, unit, detail }) => [name, amount(value, unit), detail ?? '']),
    ),
    '',
  ].join('\n');
}

/** Lines of a markdown table. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function interval({ median: middle, low, high }) {
  return `${middle.toFixed(0)} (${low.toFixed(0)}–${high.toFixed(0)})`;
}

function amount(value, unit) {
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}
