import { Inject, Injectable } from '@nestjs/common';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type InboundModernRoute,
  type InputRequests,
  inputRequired,
  type JSONRPCRequest,
  Server,
  type ServerContext,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.js';
import { CONFIG, type Config } from '../../config/config.js';
import { abilitiesOf } from '../client-abilities.js';
import { clientLabel } from '../client-label.js';
import type { Exchange } from '../exchange.js';
import { RPC, rpcError } from '../json-rpc.js';
import type { AnswerOverride } from '../reply-channel.js';
import { traceOf } from '../request-headers.js';
import { capabilitiesOf } from '../surface/capabilities.js';
import { Dispatcher } from '../surface/dispatcher.js';
import { isObject, type Params } from '../surface/params-problem.js';
import { InputRequired } from '../surface/request-io.js';
import { RpcFailure } from '../surface/rpc-failure.js';
import type { Result, ServerInfo } from '../surface/surface.js';
import { ListenStreams } from './listen-streams.js';
import { ModernIo } from './modern-io.js';
import { ModernTransport } from './modern-transport.js';
import { RequestStates } from './request-state.js';
import { standardHeaderProblem } from './standard-headers.js';
import { filterProblem } from './subscription-filter.js';

/** The revision without a handshake that this leg serves. */
const MODERN_VERSION = '2026-07-28';

/** Lists may depend on the caller's scopes. */
const LIST_HINT = { ttlMs: 300_000, cacheScope: 'private' } as const;

/** How long a client may keep an answer; what resources/read answers says so itself. */
const CACHE_HINTS = {
  'server/discover': { ttlMs: 3_600_000, cacheScope: 'public' },
  'tools/list': LIST_HINT,
  'prompts/list': LIST_HINT,
  'resources/list': LIST_HINT,
  'resources/templates/list': LIST_HINT,
} as const;

/** Methods that this revision dropped. */
const HANDSHAKE_ONLY: ReadonlySet<string> = new Set([
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/** MCP 2026-07-28 over SDK v2's low-level server. */
@Injectable()
export class ModernLeg {
  private readonly options: ServerOptions;
  /** What goes out with every result (2026-07-28, basic, `_meta`); the pictures are for discovery alone. */
  private readonly stamp: ServerInfo;
  private readonly states: RequestStates;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly streams: ListenStreams,
    @Inject(CONFIG) config: Pick<Config, 'secrets'>,
  ) {
    const { surface } = dispatcher;
    const { icons: _icons, ...stamp } = surface.info;
    this.stamp = stamp;
    this.states = new RequestStates(config.secrets.tokenPepper);
    this.options = {
      capabilities: capabilitiesOf(surface, 'modern'),
      instructions: surface.instructions,
      supportedProtocolVersions: [MODERN_VERSION],
      cacheHints: CACHE_HINTS,
    };
  }

  async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    principal: Principal,
    route: InboundModernRoute,
  ): Promise<void> {
    const { message, classification } = route;
    if (classification.revision !== MODERN_VERSION) {
      refuse(reply, message, RPC.unsupportedVersion, 'Unsupported protocol version', {
        supported: [MODERN_VERSION],
        requested: classification.revision,
      });
      return;
    }
    if (route.messageKind !== 'request') {
      // A cancellation is the closed response stream itself; no other notification changes anything here.
      void reply.code(202).send();
      return;
    }
    const problem = standardHeaderProblem(request, message);
    if (problem !== undefined) {
      refuse(reply, message, RPC.headerMismatch, `Header mismatch: ${problem}.`);
      return;
    }
    const badParams = this.problem(message.method, message.params);
    if (badParams !== undefined) {
      refuse(reply, message, RPC.invalidParams, badParams);
      return;
    }
    const exchange = exchangeOf(request, reply, principal, message as JSONRPCRequest);
    const override: { current: AnswerOverride } = { current: {} };
    const transport = new ModernTransport(reply, classification, () => override.current);
    await this.createServer(exchange, override, message.method).connect(transport);
    transport.serve(message as JSONRPCRequest);
  }

  /** What is wrong with the parameters, in one sentence: the SDK would answer with its validator's dump. */
  private problem(method: string, params: unknown): string | undefined {
    if (method !== 'subscriptions/listen')
      return this.offers(method) ? (this.dispatcher.problem(method, params) ?? roundProblem(params)) : undefined;
    return this.streams.offered ? filterProblem((params as Params | undefined)?.['notifications']) : undefined;
  }

  private offers(method: string): boolean {
    return !HANDSHAKE_ONLY.has(method) && this.dispatcher.offers(method);
  }

  /** A server that knows the one method that it will be asked for. */
  private createServer(exchange: Exchange, override: { current: AnswerOverride }, method: string): Server {
    const info = method === 'server/discover' ? this.dispatcher.surface.info : this.stamp;
    const server = new Server(info, this.options);
    const answering = (answer: (params: Params, context: ServerContext) => Promise<Result>) =>
      // The types of a handler depend on its method; whatever it is, params come as they are and a result goes out.
      server.setRequestHandler(method as 'tools/call', async ({ params }, context) => {
        try {
          return (await answer(params ?? {}, context)) as { content: [] };
        } catch (error) {
          if (error instanceof RpcFailure) override.current = error.answer;
          throw error;
        }
      });
    if (this.offers(method)) answering((params, context) => this.answer(exchange, method, params, context));
    if (method === 'subscriptions/listen' && this.streams.offered)
      answering((params, context) => this.streams.serve(exchange, params, context));
    return server;
  }

  /** @throws RpcFailure */
  private async answer(exchange: Exchange, method: string, params: Params, context: ServerContext): Promise<Result> {
    const abilities = abilitiesOf((context.mcpReq.envelope as Params | undefined)?.[CLIENT_CAPABILITIES_META_KEY]);
    const io = new ModernIo(context, abilities, this.openState(exchange, context.mcpReq.requestState()));
    const result = await this.dispatcher.dispatch(exchange, method, params, io);
    if (!(result instanceof InputRequired)) return result;
    return inputRequired({
      inputRequests: result.requests as InputRequests,
      ...(result.state !== undefined && { requestState: this.states.seal(result.state, exchange) }),
    });
  }

  private openState(exchange: Exchange, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    const state = typeof value === 'string' ? this.states.open(value, exchange) : undefined;
    if (state === undefined)
      throw new RpcFailure(RPC.invalidParams, 'params.requestState is not one of this request, or has expired.');
    return state;
  }
}

/** What is wrong with what a client brings back from the round before (2026-07-28, basic/patterns/mrtr, Error Handling). */
function roundProblem(params: unknown): string | undefined {
  const { inputResponses } = (params ?? {}) as Params;
  return inputResponses === undefined || isObject(inputResponses)
    ? undefined
    : 'params.inputResponses must be an object of answers, by the keys that were asked under.';
}

function exchangeOf(
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  body: JSONRPCRequest,
): Exchange {
  const meta = body.params?._meta;
  const client = meta?.[CLIENT_INFO_META_KEY] as { name?: unknown; version?: unknown } | undefined;
  return {
    request,
    reply,
    principal,
    body,
    clientName: clientLabel(client?.name, client?.version),
    protocolVersion: MODERN_VERSION,
    trace: traceOf(request, meta),
  };
}

function refuse(reply: FastifyReply, message: object, code: number, text: string, data?: unknown): void {
  const id = 'id' in message ? (message.id as string | number) : null;
  void reply
    .code(400)
    .type('application/json')
    .send(JSON.stringify(rpcError(id, code, text, data)));
}
