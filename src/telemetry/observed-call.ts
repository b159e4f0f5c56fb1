/** What is told of a call when it has ended. Nothing in it names a user, a token, an argument or a result. */
export interface ObservedCall {
  readonly transport: 'mcp' | 'rest' | 'stdio' | 'api';
  /** Tool, resource or route; undefined when what was called does not exist: a caller must not invent names here. */
  readonly operation: string | undefined;
  /** Of MCP: the JSON-RPC method, e.g. `tools/call`. */
  readonly method: string | undefined;
  readonly rpcId: string | number | undefined;
  readonly protocolVersion: string | undefined;
  /** Code of the error table; undefined: it succeeded. */
  readonly errorCode: string | undefined;
  readonly durationMs: number;
  /** Of it, waited for pwa-be. */
  readonly upstreamMs: number;
  /** The caller's own span (W3C Trace Context), which ours becomes a child of. */
  readonly parent: { readonly traceId: string; readonly spanId: string } | undefined;
}

/** Somebody who wants to know. Must not throw, and must not wait. */
export interface CallObserver {
  observe(call: ObservedCall): void;
  close(): Promise<void>;
}
