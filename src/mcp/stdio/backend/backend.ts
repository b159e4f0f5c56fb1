/** `fetch`, as far as MCP needs it. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Where the messages of a stdio client go: `/mcp` of an application elsewhere, or of one in this process. */
export interface Backend {
  readonly endpoint: URL;
  /** Does the HTTP exchange with a credential. Rejects with an AppError when there is no answer. */
  readonly fetch: Fetch;
  /**
   * Whether it can answer right now, without a person or a start-up having to come first. As long as it cannot, a
   * client's opening is answered here.
   */
  isReady(): boolean;
  /** A client is there to stay: what takes time may begin. */
  prepare(): void;
}
