import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';

/** The methods of every path that has a route, by its pattern: `/v1/tokens/:id`. */
type MethodsByPattern = Map<string, Set<string>>;

const known = new WeakMap<FastifyInstance, MethodsByPattern>();

/** Notes every route that is registered from now on, whoever registers it: the answer to a wrong method names the right ones. */
export function noteRoutes(fastify: FastifyInstance): void {
  const paths: MethodsByPattern = new Map();
  known.set(fastify, paths);
  fastify.addHook('onRoute', ({ url, method }) => {
    // A wildcard is no address of its own (the CORS plugin's `OPTIONS *`).
    if (url.includes('*')) return;
    const methods = paths.get(url) ?? new Set<string>();
    for (const verb of [method].flat()) methods.add(verb);
    paths.set(url, methods);
  });
}

/**
 * Why no route was found for a request.
 * @returns method_not_allowed with `Allow` (RFC 9110 §15.5.6) where its path has routes for other methods, else not_found
 */
export function noRoute({ server, method, url }: FastifyRequest): AppError {
  const path = decoded(url.split('?', 1)[0]!);
  const matching = [...(known.get(server) ?? [])].filter(([pattern]) => fits(path, pattern));
  const allowed = [...new Set(matching.flatMap(([, methods]) => Array.from(methods)))].sort();
  // Where the path has a route for this very method, it is not the method that is wrong.
  if (allowed.length === 0 || allowed.includes(method)) return new AppError('not_found');
  return new AppError('method_not_allowed', {
    detail: `This address takes ${allowed.join(', ')}.`,
    headers: { allow: allowed.join(', ') },
  });
}

function fits(path: string, pattern: string): boolean {
  const segments = path.split('/');
  const wanted = pattern.split('/');
  return (
    segments.length === wanted.length &&
    wanted.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : segments[index] === part))
  );
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
