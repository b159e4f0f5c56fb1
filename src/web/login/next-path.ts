/** A path, and not the start of an authority: `//host` and `/\host` name another site. */
const PATH = /^\/(?![/\\])/;
const CONTROL = /\p{Cc}/u;

/**
 * Checks where a person wants to go after signing in, so that the login page cannot be used to send people elsewhere.
 * @param next what the form or the query says
 * @param publicUrl our own base
 * @returns path, query and fragment on our origin, normalised; undefined for everything else
 */
export function nextPath(next: unknown, publicUrl: string): string | undefined {
  if (typeof next !== 'string' || CONTROL.test(next) || !PATH.test(next) || !URL.canParse(next, publicUrl))
    return undefined;
  const { origin, pathname, search, hash } = new URL(next, publicUrl);
  const path = `${pathname}${search}${hash}`;
  // Once more for the result: `/.//host` is a path on our origin, and `//host` is what is left of it when normalised.
  return origin === new URL(publicUrl).origin && PATH.test(path) ? path : undefined;
}
