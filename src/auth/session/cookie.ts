/**
 * Reads one cookie; the first of several with the same name, as browsers put the most specific one first (RFC 6265
 * §5.4).
 * @param header the Cookie header
 * @returns undefined when it is not there or empty; the value as it stands, a JWT needs no decoding
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const separator = pair.indexOf('=');
    if (separator < 0 || pair.slice(0, separator).trim() !== name) continue;
    const value = pair
      .slice(separator + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    return value === '' ? undefined : value;
  }
  return undefined;
}
