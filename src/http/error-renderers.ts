import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/app-error.js';
import { routeOf } from './route-of.js';

/** Writes one error in the form that a part of the address space speaks. */
export type ErrorRenderer = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Which part of the address space answers errors in which form: problem+json unless a higher room registered its own
 * (JSON-RPC at /mcp, pages under /settings).
 */
@Injectable()
export class ErrorRenderers {
  private readonly byPrefix: { prefix: string; render: ErrorRenderer }[] = [];

  /** @param prefix a path; it covers itself and everything below it */
  register(prefix: string, render: ErrorRenderer): void {
    this.byPrefix.push({ prefix, render });
  }

  /** The renderer of the part of the address space that the request's route belongs to. */
  find(request: FastifyRequest): ErrorRenderer | undefined {
    const path = routeOf(request);
    return this.byPrefix.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.render;
  }
}
