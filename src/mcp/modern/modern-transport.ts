import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  type RequestId,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { FastifyReply } from 'fastify';
import { RPC } from '../json-rpc.js';
import { type AnswerOverride, ReplyChannel } from '../reply-channel.js';

/** HTTP status of the protocol's own refusals (MCP 2026-07-28, Streamable HTTP, Error Responses). */
const STATUS_OF_CODE: Readonly<Record<number, number>> = {
  [RPC.methodNotFound]: 404,
  [RPC.invalidParams]: 400,
  [RPC.headerMismatch]: 400,
  [RPC.missingCapability]: 400,
  [RPC.unsupportedVersion]: 400,
};

/**
 * One request, one transport, one server, as on the legacy leg. Extends the SDK's per-request transport because that
 * class is what binds a server to the classified revision; only the web Response around it is replaced.
 */
export class ModernTransport extends PerRequestHTTPServerTransport {
  private readonly channel: ReplyChannel;
  private exchangeId: RequestId | undefined;
  /** True while the protocol layer decides whether to dispatch: its refusals then carry an HTTP status of their own. */
  private dispatching = false;
  private finished = false;

  constructor(
    reply: FastifyReply,
    private readonly inbound: MessageClassification,
    private readonly override: () => AnswerOverride,
  ) {
    super({ classification: inbound });
    this.channel = new ReplyChannel(reply, () => void this.close());
  }

  /** Hands the request to the connected server. */
  serve(message: JSONRPCRequest): void {
    this.exchangeId = message.id;
    this.dispatching = true;
    try {
      this.onmessage?.(message, { classification: this.inbound });
    } finally {
      this.dispatching = false;
    }
  }

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.finished) return;
    if ('result' in message || 'error' in message) {
      this.finished = true;
      const { status, headers } = this.override();
      // The server is not told of an orderly end: it would abort a request that it has answered, and make an error of it.
      this.channel.finish(message, status ?? this.statusOf(message), headers);
    } else if (options?.relatedRequestId === this.exchangeId) {
      this.channel.notify(message);
    }
  }

  private statusOf(message: JSONRPCMessage): number {
    if (!('error' in message)) return 200;
    const { code } = message.error;
    return this.dispatching || code === RPC.missingCapability ? (STATUS_OF_CODE[code] ?? 200) : 200;
  }
}
