/**
 * JSON in its one canonical form (RFC 8785): members sorted by their names' UTF-16 code units, no white space, numbers
 * and strings as ECMAScript writes them. Members that are `undefined` are none.
 * @throws TypeError for what JSON cannot say exactly: NaN, infinities, lone surrogates, functions, bigints, undefined
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return canonicalObject(value);
  return canonicalScalar(value);
}

function canonicalObject(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // RFC 8785 §3.2.3: by code units, which is what `<` on strings compares.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalScalar(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function canonicalScalar(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no such number');
  // RFC 8785 §3.2.2.2: a lone surrogate is an error, two different ones must not become the same replacement.
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('a lone surrogate is no text');
  const text = typeof value === 'bigint' ? undefined : JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
  return text;
}
