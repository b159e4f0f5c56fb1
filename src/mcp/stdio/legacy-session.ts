import { randomUUID } from 'node:crypto';
import { SdkHttpError } from '@modelcontextprotocol/client';
import { isJSONRPCErrorResponse, type JSONRPCRequest, type JSONRPCResponse } from '@modelcontextprotocol/server';
import { AppError } from '../../errors/app-error.js';
import { refusalIn } from './failure.js';
import type { Upstream } from './upstream.js';

type Params = JSONRPCRequest['params'];

/**
 * The backend's legacy session of a client that opened with a handshake. Over stdio a session lasts as long as the
 * process; over HTTP it ends (after a day, with another grant, with a backend that was away at the beginning). Then the
 * client's own handshake is repeated, and the client never knows.
 */
export class LegacySession {
  /** The client's handshake; undefined until it opens. */
  private handshake: Params;
  private isOpen = false;
  private opening: Promise<void> | undefined;

  constructor(private readonly upstream: Upstream) {}

  /** Keeps what the client opened with, for when the session has to be opened again. */
  remember({ params }: JSONRPCRequest): void {
    this.handshake = params;
    this.isOpen = false;
  }

  /** Passes the client's own handshake on. @throws as Upstream.request */
  async initialize(request: JSONRPCRequest, signal: AbortSignal): Promise<JSONRPCResponse> {
    const response = await this.upstream.request(request, false, signal);
    this.accept(response);
    return response;
  }

  /** Passes a request on, in a session that is open. @throws as Upstream.request */
  async request(request: JSONRPCRequest, attended: boolean, signal: AbortSignal): Promise<JSONRPCResponse> {
    await this.ensure(attended);
    try {
      return await this.upstream.request(request, attended, signal);
    } catch (error) {
      if (!hasEnded(error)) throw error;
    }
    this.isOpen = false;
    await this.ensure(attended);
    return this.upstream.request(request, attended, signal);
  }

  private async ensure(attended: boolean): Promise<void> {
    // Another request's attempt may have failed because nobody could be asked: this one tries for itself.
    while (this.opening !== undefined) await this.opening.catch(() => undefined);
    if (this.isOpen || this.handshake === undefined) return;
    this.opening = this.open(attended).finally(() => (this.opening = undefined));
    await this.opening;
  }

  private async open(attended: boolean): Promise<void> {
    const id = `stdio-${randomUUID()}`;
    const request = { jsonrpc: '2.0' as const, id, method: 'initialize', params: this.handshake };
    const response = await this.upstream.request(request, attended, new AbortController().signal);
    if (isJSONRPCErrorResponse(response)) {
      throw new AppError('backend_unreachable', { detail: `It refused the handshake: ${response.error.message}` });
    }
    this.accept(response);
    await this.upstream.tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  private accept(response: JSONRPCResponse): void {
    if (isJSONRPCErrorResponse(response)) return;
    const { protocolVersion } = response.result as { protocolVersion?: unknown };
    if (typeof protocolVersion === 'string') this.upstream.setProtocolVersion(protocolVersion);
    this.isOpen = true;
  }
}

/** MCP 2025-11-25, Session Management: a 404 to a request with a session id means a new handshake. */
function hasEnded(error: unknown): boolean {
  return (
    error instanceof SdkHttpError && error.status === 404 && refusalIn(error)?.data?.['code'] === 'session_not_found'
  );
}
