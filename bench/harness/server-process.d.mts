/** What a process has used so far. */
export interface Usage {
  readonly cpuMicros: number;
  readonly memory: NodeJS.MemoryUsage;
}

/** A server in a process of its own. */
export interface BenchServer {
  readonly url: string;
  readonly port: number;
  /** `collect`: after a full garbage collection. */
  usage(question?: 'usage' | 'collect'): Promise<Usage>;
  stop(): Promise<void>;
}

export function startServer(
  script: string,
  environment: Readonly<Record<string, string | undefined>>,
  options?: { readonly flags?: readonly string[] },
): Promise<BenchServer>;

export function freePort(): Promise<number>;
