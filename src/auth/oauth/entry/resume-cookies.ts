import { COOKIES } from '../provider/provider.js';

/** Of a browser's cookies, those by which the library knows the authorization that it began in this browser. */
export function resumeCookies(header: string | undefined): string {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => [COOKIES.resume, `${COOKIES.resume}.sig`].includes(pair.split('=', 1)[0]!))
    .join('; ');
}
