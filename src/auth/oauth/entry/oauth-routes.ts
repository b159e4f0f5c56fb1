import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { AppError } from '../../../errors/app-error.js';
import { ErrorRenderers } from '../../../http/error-renderers.js';
import { toAppError } from '../../../http/to-app-error.js';
import type { AccessRule } from '../../access.decorator.js';
import type { Answer } from '../provider/authorization-server.js';
import { OauthEndpoints } from './oauth-endpoints.js';
import { OauthError, renderOauthError } from './oauth-error.js';
import { LOGGER, type Logger } from '../../../logging/logger.js';
import { Inject } from '@nestjs/common';
import { DEVICE_INTERVAL_S } from './oauth-limits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route that is mounted outside Nest's controllers, as `@Access` declares it inside. */
    access?: AccessRule;
  }
}

/** Larger than any form of OAuth, smaller than anything that costs us something. */
const BODY_LIMIT = 16 * 1024;
const REGISTRATION_LIMIT = 8 * 1024;

/** The endpoints that programs talk to: their errors are OAuth's. */
const MACHINE_ENDPOINTS = ['/oauth/token', '/oauth/revoke', '/oauth/register', '/oauth/device_authorization'];

/** Anybody may ask; what they ask with decides (codes, tokens, the consent of who is signed in). */
const PUBLIC = { config: { access: 'public' } } as const;

/** Mounts the OAuth endpoints beside Nest's controllers, with the body parsers that they need and no others. */
@Injectable()
export class OauthRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly endpoints: OauthEndpoints,
    private readonly renderers: ErrorRenderers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    for (const prefix of MACHINE_ENDPOINTS) this.renderers.register(prefix, renderOauthError);
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    void fastify.register((scope, _options, done) => {
      this.mount(scope);
      done();
    });
  }

  private mount(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: REGISTRATION_LIMIT },
      scope.getDefaultJsonParser('error', 'error'),
    );
    scope.setErrorHandler((error, request, reply) => this.fail(error, request, reply));

    const { endpoints } = this;
    scope.get(
      '/oauth/authorize',
      PUBLIC,
      answering(({ raw, ip }) => endpoints.authorize(queryOf(raw.url), ip)),
    );
    scope.get<{ Params: { uid: string } }>('/oauth/authorize/:uid', PUBLIC, async ({ params, headers, ip }, reply) =>
      send(reply, await endpoints.resume(params.uid, headers.cookie, ip)),
    );
    scope.post(
      '/oauth/token',
      PUBLIC,
      answering(({ body, ip }) => endpoints.token(formOf(body), ip)),
    );
    scope.post(
      '/oauth/revoke',
      PUBLIC,
      answering(({ body, ip }) => endpoints.revoke(formOf(body), ip)),
    );
    scope.post(
      '/oauth/register',
      PUBLIC,
      answering(({ body, ip }) => endpoints.register(jsonOf(body), ip)),
    );
    scope.post(
      '/oauth/device_authorization',
      PUBLIC,
      answering(async ({ body, ip }) => withInterval(await endpoints.deviceAuthorization(formOf(body), ip))),
    );
  }

  private fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = appErrorOf(thrown);
    const level = error.entry.status >= 500 ? 'error' : 'debug';
    this.logger[level]({ request_id: request.id, code: error.code, err: error.cause ?? error }, 'request failed');
    this.renderers.find(request)(error, request, reply);
  }
}

/** The page of a refused authorization shows what an OAuth error says. */
function appErrorOf(thrown: unknown): AppError {
  if (!(thrown instanceof OauthError)) return toAppError(thrown);
  const { error, description } = thrown;
  return new AppError('authorization_refused', { detail: `${error}: ${description}`, cause: thrown });
}

function answering(action: (request: FastifyRequest) => Promise<Answer>): RouteHandlerMethod {
  return async (request, reply) => send(reply, await action(request));
}

function send(reply: FastifyReply, { status, headers, text }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...headers })
    .send(text);
}

function queryOf(url = ''): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

function formOf(body: unknown): URLSearchParams {
  if (body instanceof URLSearchParams) return body;
  throw new AppError('unsupported_media_type', { detail: 'Send application/x-www-form-urlencoded.' });
}

function jsonOf(body: unknown): unknown {
  if (!(body instanceof URLSearchParams)) return body;
  throw new AppError('unsupported_media_type', { detail: 'Send application/json.' });
}

/** The library leaves out how often a device may ask (RFC 8628 §3.2). */
function withInterval(answer: Answer): Answer {
  if (answer.status !== 200) return answer;
  const body = JSON.parse(answer.text) as Record<string, unknown>;
  return { ...answer, text: JSON.stringify({ ...body, interval: DEVICE_INTERVAL_S }) };
}
