import { Inject, Injectable } from '@nestjs/common';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ElicitResultSchema,
  InitializeRequestSchema,
  type JSONRPCRequest,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { callResult } from '../call-result.js';
import type { Exchange } from '../exchange.js';
import type { ConfirmationAnswer, ConfirmationQuestion, HumanConfirmation } from '../../safety/human-confirmation.js';
import { ANSWER_WITHIN_MS, canShowForms } from '../elicitation.js';
import type { AnswerOverride } from '../reply-channel.js';
import { errorText, requestIdOf, RPC, rpcError } from '../json-rpc.js';
import { headerOf, traceIdOf } from '../request-headers.js';
import { INSTRUCTIONS, SERVER_INFO } from '../server-info.js';
import { ToolSurface } from '../tool-surface.js';
import { clientLabel } from '../client-label.js';
import { LegacyTransport } from './legacy-transport.js';
import { paramsProblem } from './params-problem.js';
import { type ClientReply, ReplyMailbox } from './reply-mailbox.js';
import { type Capsule, SessionCapsules } from './session-capsule.js';

/** The revisions with a handshake that this leg serves, newest first. */
const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18'] as const;

/** Tools' arguments and results are checked by the runner; a server must not build an Ajv of its own for each request. */
const NO_VALIDATOR = {
  getValidator(): never {
    throw new Error('not used: the runner validates');
  },
};

/** The 2025 revisions of MCP over SDK v1's low-level server. */
@Injectable()
export class LegacyLeg {
  private readonly capsules: SessionCapsules;

  constructor(
    private readonly tools: ToolSurface,
    private readonly mailbox: ReplyMailbox,
    @Inject(CONFIG) config: Config,
  ) {
    this.capsules = new SessionCapsules(config.secrets.tokenPepper);
  }

  /** @throws AppError when the session header or the protocol version cannot be served */
  async serve(request: FastifyRequest, reply: FastifyReply, principal: Principal): Promise<void> {
    const body = request.body as Record<string, unknown>;
    const isInitialize = body['method'] === 'initialize';
    const capsule = isInitialize ? undefined : this.openCapsule(request, principal);
    if (!isInitialize) checkVersion(request);
    if (body['method'] === undefined) {
      await this.takeReply(body, principal);
      void reply.code(202).send();
      return;
    }
    if (body['id'] === undefined) {
      // Notifications: none of them changes anything here. A cancellation is the closed connection itself.
      void reply.code(202).send();
      return;
    }
    const problem = paramsProblem(body['method'], body['params']);
    if (problem !== undefined) {
      void reply.type('application/json').send(JSON.stringify(rpcError(requestIdOf(body), RPC.invalidParams, problem)));
      return;
    }
    const exchange: Exchange = {
      request,
      reply,
      principal,
      body,
      clientName: capsule === undefined ? undefined : clientLabel(capsule.clientName, capsule.clientVersion),
      traceId: traceIdOf(request, (body['params'] as { _meta?: unknown } | undefined)?._meta),
    };
    const override: { current: AnswerOverride } = { current: {} };
    const transport = new LegacyTransport(reply, this.mailbox, principal.credentialId, () => override.current);
    await this.createServer(exchange, override, capsule?.canElicit === true).connect(transport);
    transport.serve(body as JSONRPCRequest);
  }

  private openCapsule(request: FastifyRequest, principal: Principal): Capsule | undefined {
    const value = headerOf(request, 'mcp-session-id');
    if (value === undefined) return undefined;
    const capsule = this.capsules.open(value, principal.credentialId);
    // 404 makes a client start anew (MCP 2025-11-25, Session Management).
    if (capsule === undefined) throw new AppError('session_not_found');
    return capsule;
  }

  /** A client's answer to what a call of it was asked. @throws AppError when it cannot be one */
  private async takeReply(body: Record<string, unknown>, principal: Principal): Promise<void> {
    await this.tools.count(principal);
    const isOurs =
      typeof body['id'] === 'string' &&
      (await this.mailbox.post(body as unknown as ClientReply, principal.credentialId));
    if (!isOurs)
      throw new AppError('invalid_request', { detail: 'No request of this server waits for that response.' });
  }

  private createServer(exchange: Exchange, override: { current: AnswerOverride }, canElicit: boolean): Server {
    const server = new Server(SERVER_INFO, {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      jsonSchemaValidator: NO_VALIDATOR,
    });
    server.setRequestHandler(InitializeRequestSchema, ({ params }) => {
      const protocolVersion =
        LEGACY_VERSIONS.find((version) => version === params.protocolVersion) ?? LEGACY_VERSIONS[0];
      const session = this.capsules.seal({
        protocolVersion,
        clientName: params.clientInfo.name.slice(0, 100),
        clientVersion: params.clientInfo.version.slice(0, 50),
        canElicit: canShowForms(params.capabilities),
        credentialId: exchange.principal.credentialId,
      });
      override.current = { headers: { 'mcp-session-id': session } };
      return { protocolVersion, capabilities: { tools: {} }, serverInfo: SERVER_INFO, instructions: INSTRUCTIONS };
    });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...this.tools.list(exchange)] }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendRequest }) => {
      const ask = async ({
        message,
        requestedSchema,
      }: ConfirmationQuestion): Promise<ConfirmationAnswer | 'unavailable'> =>
        sendRequest(
          {
            method: 'elicitation/create',
            params: { message, requestedSchema: { ...requestedSchema, required: ['confirm'] } },
          },
          ElicitResultSchema,
          { timeout: ANSWER_WITHIN_MS, signal },
        ).catch(() => 'unavailable' as const);
      const confirmation: HumanConfirmation | undefined = canElicit ? { kind: 'ask', ask } : undefined;
      const outcome = await this.tools.call(exchange, params, signal, confirmation);
      const refusal = this.tools.scopeRefusal(exchange, params.name, outcome);
      if (refusal !== undefined) {
        override.current = { status: 403, headers: { 'www-authenticate': refusal.wwwAuthenticate } };
        throw rpcFailure(RPC.transport, errorText(refusal.error));
      }
      if (!outcome.ok && outcome.error.code === 'unknown_tool') {
        throw rpcFailure(RPC.invalidParams, outcome.error.message);
      }
      return callResult(outcome, exchange.request.id);
    });
    return server;
  }
}

/** An error that the SDK answers with this very code and message. (Its own McpError repeats both in the message.) */
function rpcFailure(code: number, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** MCP 2025-11-25, Protocol Version Header: one we do not know is a 400; none at all is tolerated. */
function checkVersion(request: FastifyRequest): void {
  const version = headerOf(request, 'mcp-protocol-version');
  if (version === undefined || LEGACY_VERSIONS.some((known) => known === version)) return;
  throw new AppError('invalid_request', {
    detail: `MCP-Protocol-Version is not one that this server speaks: use 2026-07-28, ${LEGACY_VERSIONS.join(' or ')}.`,
  });
}
