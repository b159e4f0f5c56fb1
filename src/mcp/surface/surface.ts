import type { Exchange } from '../exchange.js';
import type { InputRequired, LogLevel, RequestIo } from './request-io.js';

/** Injection token of the McpSurface that the two legs serve. */
export const MCP_SURFACE = Symbol('MCP_SURFACE');

/**
 * What an MCP server says and offers, whatever protocol era it is asked in. The legs know the protocol and nothing of what
 * is offered; a surface knows what is offered and nothing of the protocol. A member that is not there is a capability that
 * is not declared, and its methods are unknown. Handlers throw RpcFailure (or ResourceNotFound) to fail; anything else that
 * they throw is answered as an internal error without its text.
 *
 * Lists are built once and returned as they are: they must not depend on anything but the exchange's principal.
 */
export interface McpSurface {
  /** `Implementation` of MCP: name, version, title, icons … */
  readonly info: ServerInfo;
  readonly instructions: string;
  readonly tools: ToolProvider;
  readonly resources?: ResourceProvider;
  readonly prompts?: PromptProvider;
  readonly completions?: CompletionProvider;
  /** Declares `logging`; without it RequestIo.log() says nothing. */
  readonly logging?: LoggingProvider;
  /**
   * Counts a message that is no call but costs the fleet something: a client's reply, a stream that is opened.
   * @throws AppError rate_limited
   */
  admit(exchange: Pick<Exchange, 'principal'>): Promise<void>;
}

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly icons?: { src: string; mimeType?: string; sizes?: string[] }[];
}

/** An entry of tools/list, prompts/list, resources/list or resources/templates/list, as it goes out. */
interface Listed {
  readonly name: string;
}

/** How long a client may keep an answer, and whether a shared cache may (MCP 2026-07-28, server/utilities/caching). */
interface CacheHint {
  /** Milliseconds, >= 0. */
  readonly ttlMs: number;
  /** `private` wherever the answer depends on the caller. */
  readonly cacheScope: 'public' | 'private';
}

/** Where a stream's watcher puts what happens. */
export interface ChangeSink {
  /** One of the things watched has changed. */
  changed(): void;
  /** Ends the stream from our side, e.g. because its credential is no longer good. The client is told. */
  end(): void;
}

/**
 * Calls back on changes until the signal is aborted. To be there is to declare `listChanged`.
 * @param sink calls back to it must not throw, and may come at any time until the signal is aborted
 */
export type WatchList = (exchange: Exchange, sink: ChangeSink, signal: AbortSignal) => void;

export interface ToolProvider {
  list(exchange: Exchange): readonly Listed[];
  /** @returns a CallToolResult; errors of a tool are results with `isError`, of the protocol RpcFailure */
  call(exchange: Exchange, params: CallParams, io: RequestIo): Promise<Result | InputRequired>;
  readonly watchList?: WatchList;
}

export interface CallParams {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface ResourceProvider {
  list(exchange: Exchange): readonly Listed[];
  templates(exchange: Exchange): readonly Listed[];
  /** @throws ResourceNotFound */
  read(exchange: Exchange, uri: string, io: RequestIo): Promise<ReadResult | InputRequired>;
  /**
   * Watches resources for a `subscriptions/listen` stream. To be there is to declare `subscribe` on the modern leg.
   * @param uris as the client asked for them; unknown ones and others' are left out of what is returned
   * @param sink `updated` may be called before this returns: what comes before the acknowledgement is sent after it
   * @param signal aborted when the stream is over, for whatever reason
   * @returns the URIs that are watched from now on
   */
  watch?(
    exchange: Exchange,
    uris: readonly string[],
    sink: UpdateSink,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  readonly watchList?: WatchList;
  readonly subscriptions?: ResourceSubscriptions;
}

/**
 * `resources/subscribe` and `/unsubscribe` of the handshake revisions, requests of their own there. To be there is to
 * declare `subscribe` on the legacy leg, which has no GET stream: nothing can be delivered on it between calls.
 */
export interface ResourceSubscriptions {
  subscribe(exchange: Exchange, uri: string): Promise<void>;
  unsubscribe(exchange: Exchange, uri: string): Promise<void>;
}

/** A ChangeSink whose changes have a URI. */
export interface UpdateSink extends Pick<ChangeSink, 'end'> {
  updated(uri: string): void;
}

/** Result of resources/read: text or blob contents, as MCP has them. */
export type ReadResult = CacheHint & { readonly contents: readonly object[]; readonly [member: string]: unknown };

export interface PromptProvider {
  list(exchange: Exchange): readonly Listed[];
  /** @throws RpcFailure invalidParams for a name or an argument that is not there */
  get(exchange: Exchange, params: GetPromptParams, io: RequestIo): Promise<Result | InputRequired>;
  readonly watchList?: WatchList;
}

export interface GetPromptParams {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, string>>;
}

export interface CompletionProvider {
  /** @returns suggestions, best first; the leg sends the first hundred. @throws RpcFailure invalidParams for an unknown ref */
  complete(exchange: Exchange, params: CompleteParams, io: RequestIo): Promise<readonly string[]>;
}

export interface CompleteParams {
  readonly ref:
    { readonly type: 'ref/prompt'; readonly name: string } | { readonly type: 'ref/resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments?: Readonly<Record<string, string>> };
}

/** Log levels of the handshake revisions are set for a session; in 2026-07-28 each request brings its own. */
export interface LoggingProvider {
  setLevel(exchange: Exchange, level: LogLevel): void;
  /** The least severe level that the exchange's session wants. */
  levelOf(exchange: Exchange): LogLevel;
}

/** A result of MCP, without the members that every result has. */
export type Result = Readonly<Record<string, unknown>>;
