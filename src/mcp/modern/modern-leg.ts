import { Injectable } from '@nestjs/common';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type InboundModernRoute,
  inputRequired,
  inputResponse,
  type JSONRPCRequest,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.js';
import type { HumanConfirmation, InputRequest } from '../../safety/human-confirmation.js';
import { callResult } from '../call-result.js';
import { clientLabel } from '../client-label.js';
import { canShowForms, CONFIRM_KEY } from '../elicitation.js';
import type { Exchange } from '../exchange.js';
import { RPC, rpcError } from '../json-rpc.js';
import type { AnswerOverride } from '../reply-channel.js';
import { traceIdOf } from '../request-headers.js';
import { INSTRUCTIONS, SERVER_INFO } from '../server-info.js';
import { ToolSurface } from '../tool-surface.js';
import { ModernTransport } from './modern-transport.js';
import { standardHeaderProblem } from './standard-headers.js';

/** The revision without a handshake that this leg serves. */
const MODERN_VERSION = '2026-07-28';

/** How long a client may keep an answer. What depends on the caller is never for shared caches. */
const CACHE_HINTS = {
  'server/discover': { ttlMs: 3_600_000, cacheScope: 'public' },
  'tools/list': { ttlMs: 300_000, cacheScope: 'private' },
} as const;

/** MCP 2026-07-28 over SDK v2's low-level server. */
@Injectable()
export class ModernLeg {
  constructor(private readonly tools: ToolSurface) {}

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
    const exchange = exchangeOf(request, reply, principal, message as JSONRPCRequest);
    const override: { current: AnswerOverride } = { current: {} };
    const transport = new ModernTransport(reply, classification, () => override.current);
    await this.createServer(exchange, override).connect(transport);
    transport.serve(message as JSONRPCRequest);
  }

  private createServer(exchange: Exchange, override: { current: AnswerOverride }): Server {
    const { _meta: meta } = (exchange.body['params'] ?? {}) as { _meta?: Record<string, unknown> };
    const canAsk = canShowForms(meta?.[CLIENT_CAPABILITIES_META_KEY]);
    const server = new Server(SERVER_INFO, {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      supportedProtocolVersions: [MODERN_VERSION],
      cacheHints: CACHE_HINTS,
    });
    server.setRequestHandler('tools/list', () => ({ tools: [...this.tools.list(exchange)] }));
    server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
      const confirmation = canAsk ? resumable(mcpReq.inputResponses, mcpReq.requestState()) : undefined;
      const outcome = await this.tools.call(exchange, params, mcpReq.signal, confirmation);
      const refusal = this.tools.scopeRefusal(exchange, params.name, outcome);
      if (refusal !== undefined) {
        override.current = { status: 403, headers: { 'www-authenticate': refusal.wwwAuthenticate } };
        throw new ProtocolError(RPC.transport, refusal.error.detail ?? refusal.error.entry.title);
      }
      if (!outcome.ok && outcome.error.code === 'unknown_tool') {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, outcome.error.message);
      }
      if (!outcome.ok && outcome.inputRequired !== undefined) return question(outcome.inputRequired);
      if (!outcome.ok && outcome.error.code === 'confirmation_required') {
        // -32021 (MCP 2026-07-28, basic, Capabilities): the call needs a client that can show a form.
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { elicitation: { form: {} } } });
      }
      return callResult(outcome, exchange.request.id);
    });
    return server;
  }
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
    traceId: traceIdOf(request, meta),
  };
}

/** The person's answer, if this call brings one, and the state that says what it was about. */
function resumable(responses: Record<string, unknown> | undefined, state: unknown): HumanConfirmation {
  const view = inputResponse(responses, CONFIRM_KEY);
  return {
    kind: 'resumable',
    answer: view.kind === 'elicit' ? { action: view.action, content: view.content } : undefined,
    state: typeof state === 'string' ? state : undefined,
  };
}

function question({ message, requestedSchema, requestState }: InputRequest) {
  const form = inputRequired.elicit({ message, requestedSchema: { ...requestedSchema, required: ['confirm'] } });
  return inputRequired({ inputRequests: { [CONFIRM_KEY]: form }, requestState });
}

function refuse(reply: FastifyReply, message: object, code: number, text: string, data?: unknown): void {
  const id = 'id' in message ? (message.id as string | number) : null;
  void reply
    .code(400)
    .type('application/json')
    .send(JSON.stringify(rpcError(id, code, text, data)));
}
