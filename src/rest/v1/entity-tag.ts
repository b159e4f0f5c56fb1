/**
 * Whether `If-None-Match` holds a tag, by the weak comparison (RFC 9110 §13.1.2).
 * @param tag a strong one, with its quotes
 */
export function holdsTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag);
}
