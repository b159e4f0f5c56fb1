import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Cancelled } from './cancellation.js';

/** How an exchange ended without a whole answer. */
export type FailureReason = 'connection' | 'timeout' | 'too_large' | 'cancelled';

export class TransportFailure extends Error {
  /**
   * @param sent whether anything may have reached pwa-be; false is certain, because undici announces a request
   *   before it writes the first byte
   */
  constructor(
    readonly reason: FailureReason,
    readonly sent: boolean,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'TransportFailure';
  }
}

/** What came back. The status is final even when the body did not arrive whole: then `failure` says why. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly failure: TransportFailure | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'PUT';
  /** Path and query, with the base URL's prefix. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Milliseconds from now to the last byte of the answer, the connection's establishment included. */
  readonly timeoutMs: number;
  /** Bytes of the body beyond which the answer is dropped. */
  readonly maxBytes: number;
  /** Close the connection after the answer. */
  readonly closeAfter?: boolean;
  readonly cancelled?: Cancelled;
  /** Asked when the connection is there, right before the first byte: false ends the exchange with nothing sent. */
  readonly mayStart?: () => boolean;
}

/**
 * Sends one request over the pool, once.
 * @throws TransportFailure when no status line arrived
 */
export function exchange(pool: Dispatcher, request: HttpRequest): Promise<HttpAnswer> {
  return new HttpExchange(pool, request).done;
}

class HttpExchange implements Dispatcher.DispatchHandler {
  readonly done: Promise<HttpAnswer>;
  private settle!: { resolve(answer: HttpAnswer): void; reject(failure: TransportFailure): void };
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private status: number | undefined;
  private headers: IncomingHttpHeaders = {};
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private ended = false;
  private readonly stopListening: (() => void) | undefined;

  constructor(
    pool: Dispatcher,
    private readonly request: HttpRequest,
  ) {
    this.done = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    const { method, path, headers, body, timeoutMs, closeAfter, cancelled } = request;
    this.timer = setTimeout(() => this.fail('timeout', `no whole answer within ${timeoutMs} ms`), timeoutMs);
    this.stopListening = cancelled?.listen(this.cancel);
    if (cancelled?.cancelled) this.cancel();
    else pool.dispatch({ method, path, headers, body, reset: closeAfter ?? null } as Dispatcher.DispatchOptions, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it was queued or connecting: aborted here, before a byte is written. A second start would be a
    // resend by the pool, which no request of ours allows.
    if (this.ended || this.controller !== undefined) {
      controller.abort(new Error('not to be sent'));
      return;
    }
    if (this.request.mayStart?.() === false) {
      this.fail('cancelled', 'its time to be sent has passed');
      controller.abort(new Error('not to be sent'));
      return;
    }
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.request.maxBytes) this.fail('too_large', `more than ${this.request.maxBytes} bytes`);
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.finish(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = 'code' in error ? String(error.code) : error.name;
    const timeout = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    this.fail(timeout ? 'timeout' : 'connection', `connection failed: ${code}`, error);
  }

  private readonly cancel = (): void => this.fail('cancelled', 'nobody waits for the answer any more');

  /** Most answers are one chunk. */
  private body(): Buffer {
    const [only] = this.chunks;
    return only !== undefined && this.chunks.length === 1 ? only : Buffer.concat(this.chunks);
  }

  private fail(reason: FailureReason, message: string, cause?: unknown): void {
    this.finish(new TransportFailure(reason, this.controller !== undefined, message, cause));
  }

  private finish(failure: TransportFailure | undefined): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    this.stopListening?.();
    if (this.status !== undefined) {
      this.settle.resolve({ status: this.status, headers: this.headers, body: this.body(), failure });
    } else {
      this.settle.reject(failure ?? new TransportFailure('connection', true, 'an answer without a status'));
    }
    if (failure !== undefined) this.controller?.abort(failure);
  }
}
