import { readFileSync, writeFileSync } from 'node:fs';
import { table } from './report.mjs';

/** The table of a page, between its marks, which stay. */
const BLOCK = /(<!-- capacity:begin[^>]*-->\n)[\s\S]*?(<!-- capacity:end -->)/;
const ERAS = ['legacy', 'modern'];
const GB = 1e9;

/**
 * What one instance serves, in figures of bench/report.json. What a run has not measured says so.
 * @param report as reportData makes it; any part may be missing
 * @returns lines of markdown
 */
export function capacityTable(report) {
  const measures = [...(report.budgets ?? []), ...(report.measures ?? [])];
  const value = (name) => measures.find((measure) => measure.name === name)?.value;
  const rows = ERAS.map((era) => report.contenders?.find(({ name }) => name === `ours, ${era}`));
  const ofEach = (field, show) => rows.map((row) => shown(field(row), show));
  const cpu = (row) => row?.cpuMicros?.median;
  const databaseCpu = (row) => row?.databaseMicros?.median;
  const telemetry = (era) => value(`metrics, and traces at 1 % sampling, on ÷ off, CPU per call, ${era} leg`);
  const stream = value('idle listen stream, memory');
  const commits = measures.filter(({ name }) => name.startsWith('commit'));
  return [
    origin(report),
    '',
    ...table(
      ['one instance', ...ERAS.map((era) => `${era} era`)],
      [
        ['CPU of a read, µs', ...ofEach(cpu, whole)],
        ['reads a second of one core', ...ofEach((row) => 1e6 / cpu(row), whole)],
        ['CPU of PostgreSQL for a read, µs', ...ofEach(databaseCpu, whole)],
        ['reads a second of one core of PostgreSQL', ...ofEach((row) => 1e6 / databaseCpu(row), whole)],
        ['requests to pwa-be for a read', ...ofEach((row) => row?.upstreamCalls, decimal)],
        ['memory under load, MB', ...ofEach((row) => row?.rssMb, whole)],
        ['CPU with metrics and traces, on ÷ off', ...ERAS.map((era) => shown(telemetry(era), decimal))],
      ],
    ),
    '',
    ...table(
      ['in both eras', ''],
      [
        ['audit rows taken in and sealed in a second', shown(value('audit rows taken in'), whole)],
        ['audit rows verified in a second', shown(value('audit rows verified'), whole)],
        ['an idle `subscriptions/listen` stream, KB', shown(stream, decimal)],
        ['idle streams in 1 GB', shown(GB / (stream * 1024), whole)],
        ...commits.map((commit) => [commit.unit ? `${commit.name}, ${commit.unit}` : commit.name, shown(commit.value)]),
      ],
    ),
  ].join('\n');
}

/** A page with the table between its marks written anew. @throws Error when it has no marks */
export function withCapacity(page, report) {
  if (!BLOCK.test(page)) throw new Error('the page has no marks for the capacity table');
  return page.replace(BLOCK, (_, begin, end) => `${begin}\n${capacityTable(report)}\n\n${end}`);
}

/** Writes the table into a file. */
export function writeCapacity(file, report) {
  writeFileSync(file, withCapacity(readFileSync(file, 'utf8'), report));
}

function origin({ machine = {}, settings = {}, broken = [] }) {
  const { at, commit, processor, memoryGb, node, postgres } = machine;
  const parts = [processor, memoryGb && `${memoryGb} GB`, node && `Node ${node}`, postgres && `PostgreSQL ${postgres}`];
  const when = at === undefined ? 'Measured' : `Measured on ${at.slice(0, 10)}`;
  return [
    `${when}${commit ? `, commit ${commit}` : ''}: ${parts.filter(Boolean).join(', ')}.`,
    ...(settings.quick ? ['A short run, nothing warm: an order of magnitude, no more.'] : []),
    ...(broken.length > 0 ? [`Not measured, because it broke: ${broken.join(', ')}.`] : []),
  ].join(' ');
}

function shown(value, show = (number) => (Number.isInteger(number) ? whole(number) : decimal(number))) {
  return Number.isFinite(value) ? show(value) : 'not measured';
}

function whole(value) {
  return Math.round(value).toLocaleString('en');
}

function decimal(value) {
  return value.toFixed(2);
}
