/** A copy in which every named field that is a string or null, however deep, holds `value`. */
export function poisoned(body: unknown, fields: readonly string[], value: string): unknown {
  if (Array.isArray(body)) return body.map((item) => poisoned(item, fields, value));
  if (body === null || typeof body !== 'object') return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, field]) => {
      const strike = fields.includes(name) && (typeof field === 'string' || field === null);
      return [name, strike ? value : poisoned(field, fields, value)];
    }),
  );
}
