import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import { forOwnFields, type Logger } from '../logging/logger.js';
import type { ErrorRenderers } from './error-renderers.js';
import { noRoute, noteRoutes } from './allowed-methods.js';
import { registerBodyParsers, wrongBodyForm } from './body-forms.js';
import { closeIdleWhileDraining } from './draining.js';
import { renderProblem } from './problem.js';
import { routeOf } from './route-of.js';
import { toAppError } from './to-app-error.js';

/** Largest request body in bytes, on every route. */
const BODY_LIMIT = 256 * 1024;

/** Parts of the address space that browsers of other origins may only call when they are allowed. */
const ORIGIN_CHECKED = /^\/(?:mcp|v1|api)(?:\/|$)/;

/** Nest would turn Fastify's errors into exceptions without their codes; the error filter knows them as they are. */
export class ServiceAdapter extends FastifyAdapter {
  /** There once the application is: what is refused before any route is found needs an answer's form, too. */
  renderers: Pick<ErrorRenderers, 'find'> | undefined;

  override mapException(error: unknown): unknown {
    return error;
  }
}

/** The Fastify side of the service: limits, request ids, the headers and the log line of every answer. */
export function createAdapter(config: Config, logger: Logger): ServiceAdapter {
  const secure = config.environment === 'production' && config.publicUrl.startsWith('https://');
  const adapter: ServiceAdapter = new ServiceAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxyOption(config.trustProxy),
    // An id of a caller would let it write into our log; ours goes back in X-Request-Id.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    logger: false,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: 30_000,
    // An address that cannot be decoded reaches no route, and no filter either.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      setCommonHeaders(request, reply, secure);
      (adapter.renderers?.find(request) ?? renderProblem)(toAppError(error), request, reply);
    },
    // Idle keep-alive connections must not hold a draining instance.
    forceCloseConnections: 'idle',
    // What was accepted before the listener closed is served: a proxy does not send a POST twice.
    return503OnClosing: false,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  noteRoutes(fastify);
  registerBodyParsers(adapter, BODY_LIMIT);
  const requests = forOwnFields(logger);
  const allowed = new Set(config.allowedOrigins);
  const publicUrl = new URL(config.publicUrl);

  fastify.addHook('onRequest', (request, reply, done) => {
    setCommonHeaders(request, reply, secure);
    const origin = request.headers.origin;
    // DNS rebinding protection (MCP 2026-07-28, Streamable HTTP, Security Warning): an Origin that is there must be known.
    // By the route that was found: the address itself may be written in many ways (/%6dcp, http://host/mcp).
    const path = routeOf(request);
    if (origin !== undefined && ORIGIN_CHECKED.test(path) && !allowed.has(origin)) {
      done(new AppError('origin_not_allowed'));
      return;
    }
    if (request.method === 'GET' && isOtherLoopbackName(request, publicUrl) && isPage(path)) {
      // The session's cookie and the forms' Origin belong to one name: on the other one nothing would work.
      void reply.redirect(publicUrl.origin + request.url, 302);
      return;
    }
    done();
  });

  // After CORS, so that browsers may read these, and before a body is read that nobody wants.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const refusal = request.is404 ? noRoute(request) : wrongBodyForm(request);
    done(refusal ?? null, payload);
  });

  closeIdleWhileDraining(fastify);
  fastify.addHook('onResponse', (request, reply, done) => {
    requests.info(
      {
        request_id: request.id,
        method: request.method,
        // The route's pattern, never the address: a query may hold what does not belong into a log.
        route: request.routeOptions.url ?? '(none)',
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
  return adapter;
}

/** What every answer carries. */
function setCommonHeaders(request: FastifyRequest, reply: FastifyReply, secure: boolean): void {
  reply.header('x-request-id', request.id);
  reply.header('x-content-type-options', 'nosniff');
  if (secure) reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
}

/** Fastify takes a number of hops only as a function of the hop. */
function trustProxyOption(value: Config['trustProxy']): string | false | ((address: string, hop: number) => boolean) {
  return typeof value === 'number' ? (_address, hop) => hop < value : value;
}

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Whether a newcomer opened `localhost` where the service calls itself `127.0.0.1`, or the reverse. */
function isOtherLoopbackName({ headers, url }: FastifyRequest, publicUrl: URL): boolean {
  const name = headers.host?.replace(/:\d+$/, '') ?? '';
  const bothLoopback = LOOPBACK_NAMES.has(name) && LOOPBACK_NAMES.has(publicUrl.hostname);
  return bothLoopback && name !== publicUrl.hostname && url.startsWith('/');
}

/** What a person opens in a browser. */
function isPage(route: string): boolean {
  return /^\/(?:$|docs|login|settings(?:\/|$))/.test(route);
}
