import type { Secrets } from './secrets.js';

export type Mode = 'live' | 'mock';

/** The validated configuration of one process. Names as in docs/operations.md; durations carry their unit. */
export interface Config {
  readonly environment: 'production' | 'development' | 'test';
  readonly host: string;
  readonly port: number;
  /** Issuer and base of every page, without a trailing slash. */
  readonly publicUrl: string;
  /** Base of `/mcp`, `/v1` and `/api`, without a trailing slash. */
  readonly apiPublicUrl: string;
  /** Undefined: embedded PostgreSQL under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  readonly migrateOnStart: boolean;
  readonly mode: Mode;
  readonly pwaBe: {
    /** Undefined in mock mode: the bundled sandbox is started. Without a trailing slash. */
    readonly baseUrl: string | undefined;
    readonly timeoutMs: number;
    readonly jwtClaims: Readonly<Record<string, unknown>>;
    readonly tls: { readonly cert: string; readonly key: string; readonly ca: string | undefined } | undefined;
  };
  readonly sandboxPort: number;
  readonly session: {
    readonly cookie: string;
    /** Set: tokens are verified against this key set instead of the shared secret. */
    readonly jwksUrl: string | undefined;
    readonly loginUrl: string;
  };
  /** Whether `/api` also takes the site's own JWT as a bearer, as clients in the field send it. */
  readonly apiAcceptSession: boolean;
  readonly allowedOrigins: readonly string[];
  /** Hops, or addresses and CIDRs, whose forwarded headers count; false: none. */
  readonly trustProxy: string | number | false;
  readonly rateLimitPerMinute: number;
  /** Writes an hour and user, counted from the ledger. */
  readonly commitsPerHour: number;
  /** Relative price drift, e.g. 0.01, beyond which an approval is refused. */
  readonly previewTolerance: number;
  readonly oauth: {
    /** A site session older than this may not let an app write. */
    readonly writeGrantMaxSessionAgeSeconds: number;
    /** How long a rotated refresh token may be used once more. */
    readonly refreshGraceSeconds: number;
  };
  readonly audit: {
    /** Rows older than this are removed by pruning. */
    readonly retentionDays: number;
    /** How often one of the instances prunes; 0: only the operator does. */
    readonly pruneEverySeconds: number;
    /** Public keys of before, base64url, that verification still accepts. */
    readonly publicKeys: readonly string[];
    /** A file's path or an http(s) address that gets every checkpoint. */
    readonly checkpointSink: string | undefined;
  };
  /** What an operator watches; both off unless set. */
  readonly telemetry: {
    /** Where Prometheus finds the metrics. */
    readonly metrics: { readonly host: string; readonly port: number } | undefined;
    readonly traces: { readonly endpoint: string; readonly ratio: number; readonly serviceName: string } | undefined;
  };
  readonly logLevel: string;
  readonly secrets: Secrets;
}

/** Injection token of the configuration. */
export const CONFIG = Symbol('CONFIG');
