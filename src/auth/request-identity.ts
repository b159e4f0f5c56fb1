import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';
import type { CurrentSession as Session } from './session/session.js';

const sessions = new WeakMap<object, Session>();

/** The guard's: remembers whose session a request is of. */
export function rememberSession(request: object, session: Session): void {
  sessions.set(request, session);
}

/** The guard's: what Passport does with a token of ours, for a principal that came by another way. */
export function rememberPrincipal(request: object, principal: Principal): void {
  (request as { user?: Principal }).user = principal;
}

/**
 * Who is calling; Passport left it as `request.user`.
 * @throws Error on a route that is not declared `@Access({ bearer: … })`: a bug of ours
 */
export function principalOf(request: FastifyRequest): Principal {
  const { user } = request as { user?: Principal };
  if (user === undefined) throw new Error('this route has no bearer access');
  return user;
}

/** @throws Error on a route that is not declared `@Access('session')` or `'session+csrf'`: a bug of ours */
function sessionOf(request: FastifyRequest): Session {
  const session = sessions.get(request);
  if (session === undefined) throw new Error('this route has no session access');
  return session;
}

/** Parameter of a handler: the Principal of a bearer route. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Parameter of a handler: the CurrentSession of a session route. */
export const CurrentSession = createParamDecorator((_: unknown, context: ExecutionContext) =>
  sessionOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
