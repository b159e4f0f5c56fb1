// Looks for credentials in the logs of a Jest run. Plain JavaScript: Jest loads its reporters outside its module system.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every token and code of this service in its full form, and any JWT: none of them needs to be known to be found. */
const FORMS = /\btc_(?:pat_[0-9A-Za-z]{50}|(?:at|rt|ac|dc)_[0-9A-Za-z]{43}|act_[\w-]{43})|\beyJ[\w-]{8,}\.[\w-]{8,}\./;
/** Shorter ones could stand anywhere by chance. A user code has 9 characters with its hyphen. */
const SHORTEST = 8;

/**
 * @param {string} directory with `*.log`, and `*.issued` of one secret a line
 * @returns {{ logs: number, issued: number, findings: string[] }} findings: file, line number, and the line itself
 */
export function scanLogs(directory) {
  const names = readdirSync(directory);
  const read = (name) => readFileSync(join(directory, name), 'utf8');
  const secrets = new Set(names.filter((name) => name.endsWith('.issued')).flatMap((name) => read(name).split('\n')));
  const holds = finder([...secrets].filter(({ length }) => length >= SHORTEST));
  const logs = names.filter((name) => name.endsWith('.log'));
  const findings = logs.flatMap((name) =>
    read(name)
      .split('\n')
      .flatMap((line, index) => (FORMS.test(line) || holds(line) ? [`${name}:${index + 1}: ${line}`] : [])),
  );
  return { logs: logs.length, issued: secrets.size, findings };
}

/** Whether a line holds one of many secrets: by their first characters, as thousands of searches a line would take long. */
function finder(secrets) {
  const byStart = new Map();
  for (const secret of secrets) {
    const start = secret.slice(0, SHORTEST);
    byStart.set(start, [...(byStart.get(start) ?? []), secret]);
  }
  return (line) => {
    for (let at = 0; at + SHORTEST <= line.length; at += 1) {
      const candidates = byStart.get(line.slice(at, at + SHORTEST));
      if (candidates?.some((secret) => line.startsWith(secret, at))) return true;
    }
    return false;
  };
}
