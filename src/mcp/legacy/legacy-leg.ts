import { Inject, Injectable } from '@nestjs/common';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  type InitializeRequest,
  InitializeRequestSchema,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { abilitiesOf } from '../client-abilities.js';
import { clientLabel } from '../client-label.js';
import type { Exchange } from '../exchange.js';
import { requestIdOf, RPC, rpcError } from '../json-rpc.js';
import type { AnswerOverride } from '../reply-channel.js';
import { headerOf, traceOf } from '../request-headers.js';
import { capabilitiesOf } from '../surface/capabilities.js';
import { Dispatcher } from '../surface/dispatcher.js';
import type { Params } from '../surface/params-problem.js';
import { InputRequired, type RequestIo } from '../surface/request-io.js';
import { ResourceNotFound, RpcFailure } from '../surface/rpc-failure.js';
import type { Result } from '../surface/surface.js';
import { LegacyIo } from './legacy-io.js';
import { LegacyTransport } from './legacy-transport.js';
import { type ClientReply, ReplyMailbox } from './reply-mailbox.js';
import { type Capsule, SessionCapsules } from './session-capsule.js';

/** The revisions with a handshake that this leg serves, newest first. */
const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18'] as const;

/** The surface checks what it takes and gives; a server must not build an Ajv of its own for each request. */
const NO_VALIDATOR = {
  getValidator(): never {
    throw new Error('not used: the surface validates');
  },
};

const HANDSHAKE =
  'initialize needs params.protocolVersion, params.capabilities and params.clientInfo with name and version.';

type ServerOptions = NonNullable<ConstructorParameters<typeof Server>[1]>;

/** The 2025 revisions of MCP over SDK v1's low-level server. */
@Injectable()
export class LegacyLeg {
  private readonly capsules: SessionCapsules;
  private readonly options: ServerOptions;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly mailbox: ReplyMailbox,
    @Inject(CONFIG) config: Pick<Config, 'secrets'>,
  ) {
    const { surface } = dispatcher;
    this.capsules = new SessionCapsules(config.secrets.tokenPepper);
    this.options = {
      capabilities: capabilitiesOf(surface, 'legacy'),
      instructions: surface.instructions,
      jsonSchemaValidator: NO_VALIDATOR,
    };
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
    const problem = this.problem(body['method'] as string, body['params']);
    if (problem !== undefined) {
      const refusal = rpcError(requestIdOf(body), RPC.invalidParams, problem);
      // The framework would say 201 to a POST: nothing was created.
      void reply.code(200).type('application/json').send(JSON.stringify(refusal));
      return;
    }
    const exchange: Exchange = {
      request,
      reply,
      principal,
      body,
      clientName: capsule === undefined ? undefined : clientLabel(capsule.clientName, capsule.clientVersion),
      protocolVersion: capsule?.protocolVersion ?? headerOf(request, 'mcp-protocol-version'),
      trace: traceOf(request, (body['params'] as { _meta?: unknown } | undefined)?._meta),
    };
    const override: { current: AnswerOverride } = { current: {} };
    const transport = new LegacyTransport(reply, this.mailbox, principal.credentialId, () => override.current);
    await this.createServer(exchange, override, capsule).connect(transport);
    transport.serve(body as JSONRPCRequest);
  }

  private problem(method: string, params: unknown): string | undefined {
    if (method !== 'initialize') return this.dispatcher.problem(method, params);
    return InitializeRequestSchema.safeParse({ method, params }).success ? undefined : HANDSHAKE;
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
    await this.dispatcher.surface.admit({ principal });
    const isOurs =
      typeof body['id'] === 'string' &&
      (await this.mailbox.post(body as unknown as ClientReply, principal.credentialId));
    if (!isOurs)
      throw new AppError('invalid_request', { detail: 'No request of this server waits for that response.' });
  }

  private createServer(
    exchange: Exchange,
    override: { current: AnswerOverride },
    capsule: Capsule | undefined,
  ): Server {
    const { surface } = this.dispatcher;
    const server = new Server(surface.info, this.options);
    // The SDK would keep levels in the memory of a server that lives for one request.
    if (surface.logging !== undefined) server.removeRequestHandler('logging/setLevel');
    const method = exchange.body['method'] as string;
    if (method === 'initialize') {
      server.setRequestHandler(InitializeRequestSchema, ({ params }) => {
        const { protocolVersion, session } = this.openSession(params, exchange.principal);
        override.current = { headers: { 'mcp-session-id': session } };
        const { capabilities, instructions } = this.options;
        return { protocolVersion, capabilities: capabilities!, serverInfo: surface.info, instructions };
      });
    } else if (this.dispatcher.offers(method)) {
      server.fallbackRequestHandler = async ({ params }, extra) => {
        const levelOf = surface.logging && (() => surface.logging!.levelOf(exchange));
        const io = new LegacyIo(extra, new Set(capsule?.abilities), levelOf);
        return this.answer(exchange, override, method, params ?? {}, io);
      };
    }
    return server;
  }

  private async answer(
    exchange: Exchange,
    override: { current: AnswerOverride },
    method: string,
    params: Params,
    io: RequestIo,
  ): Promise<Result> {
    try {
      const result = await this.dispatcher.dispatch(exchange, method, params, io);
      // These revisions have no such result; their handlers ask while they run.
      if (result instanceof InputRequired) throw new RpcFailure(RPC.internalError, 'Internal error');
      if (method !== 'resources/read') return result;
      const { ttlMs: _ttlMs, cacheScope: _cacheScope, ...read } = result;
      return read;
    } catch (error) {
      if (error instanceof RpcFailure) override.current = error.answer;
      if (!(error instanceof ResourceNotFound)) throw error;
      throw new RpcFailure(RPC.resourceNotFound, error.message, error.data);
    }
  }

  private openSession(
    { protocolVersion, capabilities, clientInfo }: InitializeRequest['params'],
    principal: Principal,
  ) {
    const negotiated = LEGACY_VERSIONS.find((version) => version === protocolVersion) ?? LEGACY_VERSIONS[0];
    const session = this.capsules.seal({
      protocolVersion: negotiated,
      clientName: clientInfo.name.slice(0, 100),
      clientVersion: clientInfo.version.slice(0, 50),
      abilities: [...abilitiesOf(capabilities)],
      credentialId: principal.credentialId,
    });
    return { protocolVersion: negotiated, session };
  }
}

/** MCP 2025-11-25, Protocol Version Header: one we do not know is a 400; none at all is tolerated. */
function checkVersion(request: FastifyRequest): void {
  const version = headerOf(request, 'mcp-protocol-version');
  if (version === undefined || LEGACY_VERSIONS.some((known) => known === version)) return;
  throw new AppError('invalid_request', {
    detail: `MCP-Protocol-Version is not one that this server speaks: use 2026-07-28, ${LEGACY_VERSIONS.join(' or ')}.`,
  });
}
