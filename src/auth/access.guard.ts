import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Access, type Resource } from './access.decorator.js';
import { BearerGuard } from './bearer/bearer.guard.js';
import { RefusalLog, refusedRequest } from './bearer/refusal-log.js';
import { tokenChallenge } from './challenge.js';
import { rememberPrincipal, rememberSession } from './request-identity.js';
import { SessionBearer } from './session/session-bearer.js';
import type { CurrentSession } from './session/session.js';
import { SessionService } from './session/session.service.js';

/** The one guard of every route: does what the route declares, and refuses those that declare nothing. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly bearer: BearerGuard,
    private readonly sessions: SessionService,
    private readonly sessionBearer: SessionBearer,
    private readonly refusals: RefusalLog,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @throws AppError access_undeclared, or why this caller may not pass */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride(Access, [context.getHandler(), context.getClass()]);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    switch (rule) {
      case 'public':
        return true;
      case 'session':
        rememberSession(request, await this.sessions.require(request));
        return true;
      case 'session+csrf':
        rememberSession(request, await this.requireWithCsrf(request));
        return true;
      case undefined:
        this.logger.error({ handler: `${context.getClass().name}.${context.getHandler().name}` }, 'access undeclared');
        throw new AppError('access_undeclared');
      default:
        return this.passBearer(context, rule.bearer);
    }
  }

  private async requireWithCsrf(request: FastifyRequest): Promise<CurrentSession> {
    try {
      return await this.sessions.requireWithCsrf(request);
    } catch (error) {
      if (error instanceof AppError) await this.refusals.record(error, refusedRequest(request));
      throw error;
    }
  }

  private async passBearer(context: ExecutionContext, resource: Resource): Promise<boolean> {
    try {
      const request = context.switchToHttp().getRequest<FastifyRequest>();
      const principal = await this.sessionBearer.principalOf(request, resource);
      if (principal === undefined) return await this.bearer.pass(context, resource);
      rememberPrincipal(request, principal);
      return true;
    } catch (error) {
      throw error instanceof AppError && error.entry.status === 401 ? this.challenged(error, resource) : error;
    }
  }

  /** A 401 must say how to do better (RFC 9110 §11.6.1); Passport's own challenge is lost behind Nest's callback. */
  private challenged(error: AppError, resource: Resource): AppError {
    const { code, detail, data } = error;
    const challenge = tokenChallenge(this.config, resource, code !== 'token_missing');
    return new AppError(code, { detail, data, headers: { 'www-authenticate': challenge }, cause: error });
  }
}
