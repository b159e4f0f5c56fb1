import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, JSONRPCRequest, MessageExtraInfo, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyReply } from 'fastify';
import { type AnswerOverride, ReplyChannel } from '../reply-channel.js';

/**
 * One request, one transport, one server: nothing of an exchange outlives it (shared pairs leaked data across clients,
 * CVE-2026-25536). Writes straight to the Fastify reply.
 */
export class LegacyTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;

  private readonly channel: ReplyChannel;
  private requestId: RequestId | undefined;
  private closed = false;

  /** @param override asked when the result is sent, so that a handler can still decide on it */
  constructor(
    reply: FastifyReply,
    private readonly override: () => AnswerOverride,
  ) {
    this.channel = new ReplyChannel(reply, () => void this.close());
  }

  async start(): Promise<void> {
    // Nothing to open: the exchange is there already.
  }

  /** Hands the request to the connected server. */
  serve(message: JSONRPCRequest): void {
    this.requestId = message.id;
    this.onmessage?.(message);
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.closed) return;
    if ('result' in message || 'error' in message) {
      const { status, headers } = this.override();
      this.channel.finish(message, status, headers);
      queueMicrotask(() => void this.close());
    } else if (options?.relatedRequestId === this.requestId) {
      this.channel.notify(message);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.onclose?.();
  }
}
