import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../errors/app-error.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import type { Exchange } from '../exchange.js';
import { RPC } from '../json-rpc.js';
import { handlersOf } from './handlers.js';
import { isObject, type Params } from './params-problem.js';
import type { InputRequired, RequestIo } from './request-io.js';
import { RpcFailure } from './rpc-failure.js';
import { MCP_SURFACE, type McpSurface, type Result } from './surface.js';

/** Brings a request of either era to what the surface has for its method. */
@Injectable()
export class Dispatcher {
  private readonly handlers: ReturnType<typeof handlersOf>;

  constructor(
    @Inject(MCP_SURFACE) readonly surface: McpSurface,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.handlers = handlersOf(surface);
  }

  /** Whether the surface offers that method; the protocol's own methods are the legs'. */
  offers(method: string): boolean {
    return this.handlers.has(method);
  }

  /**
   * What is wrong with the parameters of a method, in one sentence: an SDK would answer with its validator's dump.
   * @returns undefined when nothing is, or when the method is not the surface's
   */
  problem(method: string, params: unknown): string | undefined {
    if (params !== undefined && !isObject(params)) return 'params must be an object.';
    return this.handlers.get(method)?.problem((params ?? {}) as Params);
  }

  /**
   * @param params without a problem
   * @throws RpcFailure and nothing else: what went wrong inside is logged, not told
   */
  async dispatch(exchange: Exchange, method: string, params: Params, io: RequestIo): Promise<Result | InputRequired> {
    return this.guard(exchange, () => this.handlers.get(method)!.handle(exchange, params, io));
  }

  /** Runs something of the surface's. @throws RpcFailure and nothing else */
  async guard<T>(exchange: Exchange, run: () => Promise<T> | T): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.failure(exchange, error);
    }
  }

  private failure({ request }: Exchange, error: unknown): RpcFailure {
    if (error instanceof RpcFailure) return error;
    if (error instanceof AppError) return RpcFailure.of(error, request.id);
    this.logger.error({ err: error, request_id: request.id }, 'A request to /mcp failed');
    return new RpcFailure(RPC.internalError, 'Internal error');
  }
}
