/** What a client declared that it can do for a call, as far as calls can ask for it. Untrusted, like all it says. */
export type ClientAbility = 'form' | 'url' | 'sampling' | 'roots';

/** MCP's log levels, from RFC 5424, least severe first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Something that the client, its person or its model has to answer. */
export interface ClientRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params?: Readonly<Record<string, unknown>>;
}

/** How a handler gets an answer from the client's side. The two eras differ too much to hide it. */
export type ClientInput =
  | {
      /** Handshake revisions: the answer comes while this very call waits. */
      readonly kind: 'live';
      /**
       * @returns the client's result: untrusted, unvalidated
       * @throws when the client answers with an error, does not answer in time, or goes away
       */
      ask(request: ClientRequest): Promise<Readonly<Record<string, unknown>>>;
    }
  | {
      /** MCP 2026-07-28, basic/patterns/mrtr: return an InputRequired; the answer comes with a call of its own. */
      readonly kind: 'rounds';
      /** Answers that this call brings, by the keys that were asked under: untrusted, unvalidated. */
      readonly responses: Readonly<Record<string, unknown>>;
      /** What InputRequired.state said in the round before. Sealed by the leg: ours, for this caller and this request. */
      readonly state: string | undefined;
    };

/** What a handler can say and hear while it works on a request. Nothing of it outlives the request. */
export interface RequestIo {
  /** Aborted when the client gave the request up. */
  readonly signal: AbortSignal;
  readonly abilities: ReadonlySet<ClientAbility>;
  readonly input: ClientInput;
  /** Tells how far it is; nothing is sent unless the request asked for it by a progress token. Must increase. */
  progress(progress: number, total?: number, message?: string): void;
  /** Sends a log message to the client; nothing is sent below the level that it asked for. Never a secret. */
  log(level: LogLevel, data: unknown, logger?: string): void;
}

/**
 * Instead of a result: the client has to answer something, and then to repeat the request with the answers and the state.
 * `rounds` input only; tools/call, prompts/get and resources/read (MCP 2026-07-28, basic/patterns/mrtr, Supported Requests).
 */
export class InputRequired {
  /**
   * @param requests by keys of ours; each must be covered by the client's abilities
   * @param state comes back as `ClientInput.state`. The leg seals it against change, other callers, other requests and age.
   */
  constructor(
    readonly requests: Readonly<Record<string, ClientRequest>>,
    readonly state?: string,
  ) {}
}
