import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '../errors/app-error.js';
import { acceptsHtml } from './accepts-html.js';
import { renderProblem } from './problem.js';
import { routeOf } from './route-of.js';

/** Writes one error in the form that a part of the address space speaks. */
export type ErrorRenderer = (error: AppError, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Which part of the address space answers errors in which form: problem+json unless a higher room registered its own
 * (JSON-RPC at /mcp, pages under /settings), and a page to every browser that opens an address.
 */
@Injectable()
export class ErrorRenderers {
  private readonly byPrefix: { prefix: string; render: ErrorRenderer }[] = [];
  private browsers: ErrorRenderer | undefined;

  /** @param prefix a path; it covers itself and everything below it */
  register(prefix: string, render: ErrorRenderer): void {
    this.byPrefix.push({ prefix, render });
  }

  /** What browsers get where nothing was registered, and wherever they open an address that is not meant for them. */
  registerForBrowsers(render: ErrorRenderer): void {
    this.browsers = render;
  }

  /** The renderer of the part of the address space that the request's route belongs to. */
  find(request: FastifyRequest): ErrorRenderer {
    const forPerson = acceptsHtml(request) ? this.browsers : undefined;
    if (forPerson !== undefined && ['GET', 'HEAD'].includes(request.method)) return forPerson;
    const path = routeOf(request);
    const own = this.byPrefix.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.render;
    return own ?? forPerson ?? renderProblem;
  }
}
