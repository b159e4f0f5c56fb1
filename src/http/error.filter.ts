import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER, type Logger } from '../logging/logger.js';
import { ErrorRenderers } from './error-renderers.js';
import { toAppError } from './to-app-error.js';

/** The last stop of every error: its full reason into the log, its row of the table to the caller. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly renderers: ErrorRenderers,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toAppError(thrown);
    const level = error.entry.status >= 500 ? 'error' : 'debug';
    this.logger[level]({ request_id: request.id, code: error.code, err: error.cause ?? error }, 'request failed');
    if (reply.sent || reply.raw.headersSent) return;
    this.renderers.find(request)(error, request, reply);
  }
}
