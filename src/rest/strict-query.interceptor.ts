import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { invalidFields } from '../auth/field-errors.js';
import { Describe } from '../http/route-description.js';

const MAX_NAME = 64;
const MAX_PROBLEMS = 10;

/**
 * Refuses query parameters that a route's description does not have: what would be passed over in silence is a misspelt
 * filter, or worse, a misspelt `dry_run`. The routes of tools refuse them as arguments.
 */
@Injectable()
export class StrictQuery implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  /** @throws AppError invalid_request naming each */
  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const { parameters = [] } = this.reflector.get(Describe, context.getHandler()) ?? {};
    const known = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const unknown = Object.keys(query as object).filter((name) => !known.has(name));
    if (unknown.length === 0) return next.handle();
    throw invalidFields(
      unknown
        .slice(0, MAX_PROBLEMS)
        .map((name) => ({ path: name.slice(0, MAX_NAME), message: 'is not a parameter of this request' })),
    );
  }
}
