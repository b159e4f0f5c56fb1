import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, JSONRPCRequest, MessageExtraInfo, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyReply } from 'fastify';
import { type AnswerOverride, ReplyChannel } from '../reply-channel.js';
import type { ReplyMailbox } from './reply-mailbox.js';

/**
 * One request, one transport, one server: nothing of an exchange outlives it (shared pairs leaked data across clients,
 * CVE-2026-25536). Writes straight to the Fastify reply; what the server asks of the client goes out on it too, as an
 * event, and the answer comes back through the mailbox.
 */
export class LegacyTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;

  private readonly channel: ReplyChannel;
  private readonly expected: (() => void)[] = [];
  private requestId: RequestId | undefined;
  private closed = false;

  /** @param override asked when the result is sent, so that a handler can still decide on it */
  constructor(
    reply: FastifyReply,
    private readonly mailbox: ReplyMailbox,
    private readonly credentialId: string,
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
      this.end();
    } else if (options?.relatedRequestId === this.requestId) {
      this.channel.notify('id' in message ? this.asked(message) : message);
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.end();
    this.onclose?.();
  }

  /** The server is not told of an orderly end: it would abort a request that it has answered, and make an error of it. */
  private end(): void {
    this.closed = true;
    for (const forget of this.expected) forget();
  }

  /** The server counts its requests from zero in each exchange; on the wire an id must be good for the whole fleet. */
  private asked(message: JSONRPCRequest): JSONRPCRequest {
    const { id, forget } = this.mailbox.expect(this.credentialId, (reply) =>
      this.onmessage?.({ ...reply, id: message.id } as JSONRPCMessage),
    );
    this.expected.push(forget);
    return { ...message, id };
  }
}
