import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  SUBSCRIPTION_ID_META_KEY,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server';
import type { Logger } from '../../logging/logger.js';
import type { Backend } from './backend/backend.js';
import { isModern } from './era.js';
import { failureAnswer } from './failure.js';
import { LegacySession } from './legacy-session.js';
import { localAnswer, OPENING } from './local-answer.js';
import { Upstream } from './upstream.js';

/** What a person does, or has done for them. Nothing else may open their browser. */
const ATTENDED = new Set(['tools/call', 'resources/read', 'prompts/get']);

/**
 * Carries JSON-RPC messages between a client on a pipe and a backend's `/mcp`, in whichever era the client speaks:
 * results, errors, progress and elicitation pass as they are. What differs between the two transports is done here:
 * cancellation, sessions, and failures of HTTP, which a pipe has no words for.
 */
export class Bridge {
  private readonly upstream: Upstream;
  private readonly session: LegacySession;
  private readonly running = new Map<RequestId, AbortController>();
  /** Requests of `subscriptions/listen` that the backend has acknowledged. */
  private readonly subscribed = new Set<unknown>();

  constructor(
    private readonly client: Transport,
    private readonly backend: Backend,
    private readonly logger: Logger,
  ) {
    this.upstream = new Upstream(backend, (error) => logger.debug({ err: error }, 'exchange with the backend failed'));
    this.session = new LegacySession(this.upstream);
  }

  /** Begins to carry. @returns resolves when the client has gone */
  async run(): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.client.onclose = resolve));
    this.client.onerror = (error) => this.noteError(error);
    this.client.onmessage = (message) => void this.take(message);
    this.upstream.onmessage = (message) => {
      if (isJSONRPCNotification(message)) this.noteSubscription(message);
      void this.write(message);
    };
    await this.upstream.start();
    await this.client.start();
    await gone;
    for (const controller of this.running.values()) controller.abort();
    await this.upstream.close();
  }

  private noteError(error: Error): void {
    // A pipe that is closed is no message; nobody is there to be warned.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') this.logger.debug({ err: error }, 'the client has gone');
    else this.logger.warn({ err: error }, 'a message of the client cannot be read');
  }

  private async take(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCRequest(message)) return this.serve(message);
    if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      const { requestId } = (message.params ?? {}) as { requestId?: RequestId };
      // A cut exchange is what cancels over HTTP; our backend needs no word of it.
      if (requestId !== undefined) this.running.get(requestId)?.abort();
      return;
    }
    await this.pass(message);
  }

  private async serve(request: JSONRPCRequest): Promise<void> {
    const controller = new AbortController();
    this.running.set(request.id, controller);
    const response = await this.answer(request, controller.signal);
    this.running.delete(request.id);
    const wasSubscribed = this.subscribed.delete(request.id);
    // MCP 2026-07-28, stdio, Cancellation: no further messages for a cancelled request.
    if (controller.signal.aborted) return;
    await this.write(response);
    // MCP 2026-07-28, Cancellation: a subscription that ends from this side ends with a word of its own. After the result,
    // which says whether it ended well (Subscriptions, Graceful Closure).
    if (!wasSubscribed) return;
    await this.write({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: request.id } });
  }

  private noteSubscription({ method, params }: JSONRPCNotification): void {
    if (method !== 'notifications/subscriptions/acknowledged') return;
    this.subscribed.add(params?._meta?.[SUBSCRIPTION_ID_META_KEY]);
  }

  private async answer(request: JSONRPCRequest, signal: AbortSignal): Promise<JSONRPCResponse> {
    const isOpening = OPENING.has(request.method);
    if (!isModern(request) && request.method === 'initialize') this.session.remember(request);
    // The legacy era's liveness check is about this process.
    if (!isModern(request) && request.method === 'ping') return localAnswer(request);
    // A probe is often a process of its own, ended at once.
    if (request.method !== 'server/discover') this.backend.prepare();
    if (isOpening && !this.backend.isReady()) return localAnswer(request);
    try {
      return await this.ask(request, signal);
    } catch (error) {
      if (signal.aborted) return failureAnswer(request, error);
      this.logger.warn({ err: error, method: request.method }, 'the backend gave no answer');
      return isOpening ? localAnswer(request) : failureAnswer(request, error);
    }
  }

  private ask(request: JSONRPCRequest, signal: AbortSignal): Promise<JSONRPCResponse> {
    const attended = ATTENDED.has(request.method);
    if (isModern(request)) return this.upstream.request(request, attended, signal);
    if (request.method === 'initialize') return this.session.initialize(request, signal);
    return this.session.request(request, attended, signal);
  }

  /** Hands on what has no answer; nobody is there to hear that it failed. */
  private async pass(message: JSONRPCNotification | JSONRPCResponse): Promise<void> {
    try {
      if (this.backend.isReady()) await this.upstream.tell(message);
    } catch (error) {
      this.logger.warn({ err: error }, 'a message did not reach the backend');
    }
  }

  private async write(message: JSONRPCMessage): Promise<void> {
    try {
      await this.client.send(message);
    } catch (error) {
      this.logger.debug({ err: error }, 'the client has gone');
    }
  }
}
