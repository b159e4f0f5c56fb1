/** Longest label kept of a client that names itself, in characters. */
const MAX_LABEL = 120;

/** What a client calls itself, as one printable line for the audit log and the settings page. */
export function clientLabel(name: unknown, version: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined;
  const label = typeof version === 'string' && version !== '' ? `${name} ${version}` : name;
  return label.replace(/[^\x20-\x7e\u00a1-\uffff]/g, '').slice(0, MAX_LABEL);
}
