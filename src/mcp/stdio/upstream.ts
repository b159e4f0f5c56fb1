import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RequestId,
} from '@modelcontextprotocol/server';
import { AppError } from '../../errors/app-error.js';
import type { Backend } from './backend/backend.js';
import { ATTENDED_HEADER } from './backend/bearer-fetch.js';

/** The backend's side: requests out, their answers back as promises; what else it says goes to `onmessage`. */
export class Upstream {
  /** Notifications, and requests of the legacy era (elicitation). */
  onmessage: (message: JSONRPCMessage) => void = () => undefined;

  private readonly transport: StreamableHTTPClientTransport;
  private readonly waiting = new Map<RequestId, (response: JSONRPCResponse) => void>();

  /** @param onerror for the log; what concerns a request rejects that request */
  constructor(backend: Backend, onerror: (error: Error) => void) {
    this.transport = new StreamableHTTPClientTransport(backend.endpoint, { fetch: backend.fetch });
    this.transport.onmessage = (message) => this.receive(message);
    this.transport.onerror = onerror;
  }

  start(): Promise<void> {
    return this.transport.start();
  }

  /**
   * Sends a request and waits for its answer.
   * @param attended by a person, who may be asked for their consent
   * @param signal aborted: the exchange is cut, which is how HTTP cancels in both eras
   * @throws AppError of `fetch`, SdkHttpError for an HTTP refusal
   */
  async request(request: JSONRPCRequest, attended: boolean, signal: AbortSignal): Promise<JSONRPCResponse> {
    signal.throwIfAborted();
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(request.id, resolve);
        signal.addEventListener('abort', () => reject(new AppError('cancelled')), { once: true });
        const cut = (): void => reject(new AppError('backend_unreachable', { detail: 'The connection was cut.' }));
        const headers = attended ? { [ATTENDED_HEADER]: '?1' } : undefined;
        this.transport.send(request, { headers, requestSignal: signal, onRequestStreamEnd: cut }).catch(reject);
      });
    } finally {
      this.waiting.delete(request.id);
    }
  }

  /** Sends what has no answer: a notification, or the client's answer to a request of the backend. */
  tell(message: JSONRPCNotification | JSONRPCResponse): Promise<void> {
    return this.transport.send(message);
  }

  /** What a handshake ended with; goes into the headers of all that follows. */
  setProtocolVersion(version: string): void {
    this.transport.setProtocolVersion(version);
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private receive(message: JSONRPCMessage): void {
    if (!isJSONRPCResultResponse(message) && !isJSONRPCErrorResponse(message)) {
      this.onmessage(message);
    } else if (message.id !== undefined) {
      // Nobody waits: it was cancelled meanwhile.
      this.waiting.get(message.id)?.(message);
    }
  }
}
