import type { FastifyRequest } from 'fastify';

/** The pattern of the route that serves a request, e.g. `/v1/tokens/:id`; the address as written where no route does. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? request.url.split('?', 1)[0]!;
}
