import { ERROR_TABLE, type ErrorCode, type ErrorEntry } from './error-table.js';

export interface AppErrorOptions {
  /** Public sentence about this very case. Never upstream text, never a secret. */
  detail?: string;
  /** Public members beside `code`, e.g. `scope` or `errors`. */
  data?: Readonly<Record<string, unknown>>;
  /** Seconds until a retry makes sense; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Response headers that belong to this error, e.g. `www-authenticate`, `allow`. */
  headers?: Readonly<Record<string, string>>;
  /** What really happened, for the log only. */
  cause?: unknown;
}

/** An error with a code of ERROR_TABLE. Everything else that is thrown answers as `internal_error`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.detail ?? ERROR_TABLE[code].title, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail;
    this.data = options.data ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
  }

  /** The table's row of this error: HTTP status, fixed title, what to do next. */
  get entry(): ErrorEntry {
    return ERROR_TABLE[this.code];
  }
}
