import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/app-error.js';

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

  /** @param url path with or without query */
  find(url: string): ErrorRenderer | undefined {
    const path = url.split('?', 1)[0]!;
    return this.byPrefix.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.render;
  }
}
