import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Notifications } from '../../database/notifications.js';

/** A client's JSON-RPC response to a request of ours. */
export interface ClientReply {
  readonly jsonrpc: '2.0';
  readonly id: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

interface Waiting {
  readonly credentialId: string;
  deliver(reply: ClientReply): void;
}

const CHANNEL = 'mcp_reply';

/** What our ids look like: anything else cannot be an answer to us, and is not handed around. */
const REPLY_ID = /^ask-[\w-]{22}$/;

/** PostgreSQL takes less than 8000 bytes in a notification; an answer to our form has a few dozen. */
const MAX_BYTES = 7_500;

/**
 * Brings a client's reply to the instance whose call waits for it. The reply is a POST of its own and may reach any
 * instance; the one that got it hands it to all through PostgreSQL, and only the one that asked knows its id.
 */
@Injectable()
export class ReplyMailbox implements OnApplicationShutdown {
  private readonly waiting = new Map<string, Waiting>();
  private readonly unsubscribe: () => void;

  constructor(private readonly notifications: Notifications) {
    this.unsubscribe = notifications.subscribe(CHANNEL, (payload) => this.receive(payload));
  }

  /** Not earlier: a call that drains may still wait for a reply that another instance takes in. */
  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  /**
   * Expects a reply.
   * @param credentialId only its holder may answer
   * @returns the request id to ask with (128 random bits: knowing it is part of the right to answer), and how to stop
   */
  expect(credentialId: string, deliver: (reply: ClientReply) => void): { id: string; forget: () => void } {
    const id = `ask-${randomBytes(16).toString('base64url')}`;
    this.waiting.set(id, { credentialId, deliver });
    return { id, forget: () => void this.waiting.delete(id) };
  }

  /**
   * Takes a reply in, for whichever instance it is for.
   * @returns false when it cannot be the answer to anything of ours
   * @throws the database's error when it is for another instance and that cannot be reached
   */
  async post(reply: ClientReply, credentialId: string): Promise<boolean> {
    if (!REPLY_ID.test(reply.id)) return false;
    if (this.hand(reply, credentialId)) return true;
    const payload = JSON.stringify({ credentialId, reply });
    if (Buffer.byteLength(payload) > MAX_BYTES) return false;
    await this.notifications.publish(CHANNEL, payload);
    return true;
  }

  private receive(payload: string): void {
    // Published by post() of one of our instances, so it has that shape.
    const { credentialId, reply } = JSON.parse(payload) as { credentialId: string; reply: ClientReply };
    this.hand(reply, credentialId);
  }

  private hand(reply: ClientReply, credentialId: string): boolean {
    const waiting = this.waiting.get(reply.id);
    if (waiting === undefined || waiting.credentialId !== credentialId) return false;
    this.waiting.delete(reply.id);
    waiting.deliver(reply);
    return true;
  }
}
