/** Codes of Node, PostgreSQL (SQLSTATE) and Prisma that mean: the database cannot be used right now. */
const UNAVAILABLE_CODE = new RegExp(
  `^(?:${[
    'ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|EADDRNOTAVAIL',
    // Connection exceptions; credentials or database that are no longer accepted: to the caller the database is away.
    '08...|28000|28P01|3D000',
    // Out of connections, memory or disk; cancelled, or its transaction ended, by timeout; shutting down, crashed, starting
    // up; a read-only replica.
    '53...|57014|25P0[34]|57P0[1-5]|58...|25006',
    // Reachability, credentials, timeouts, closed connections, the pool's timeout, a transaction that was cut off.
    'P1000|P1001|P1002|P1003|P1008|P1010|P1011|P1017|P2024|P2028|P2037',
  ].join('|')})$`,
);
/** `kind` of the errors that Prisma's driver adapters throw. */
const UNAVAILABLE_KIND = new Set([
  'AuthenticationFailed',
  'ConnectionClosed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
]);
/** What node-postgres, its pool and Prisma say without any code. */
const UNAVAILABLE_MESSAGE = new RegExp(
  [
    'Connection terminated',
    'Client has encountered a connection error',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Unable to start a transaction in the given time',
  ].join('|'),
);
const SQLSTATE = /^[0-9A-Z]{5}$/;
const MAX_DEPTH = 8;

/**
 * Whether an error of Prisma, its adapter or node-postgres means that the database is away, rather than that it
 * answered. Answered as `database_unavailable`, 503: never as a statement about the caller's token.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return layers(error).some((layer) => {
    if (UNAVAILABLE_KIND.has(layer.kind)) return true;
    return layer.codes.some((code) => UNAVAILABLE_CODE.test(code)) || UNAVAILABLE_MESSAGE.test(layer.message);
  });
}

/** PostgreSQL's five-character code somewhere in an error, e.g. `23505`; undefined when PostgreSQL did not say it. */
export function sqlState(error: unknown): string | undefined {
  return layers(error)
    .flatMap((layer) => layer.codes)
    .find((code) => SQLSTATE.test(code) && !/^(?:P[12]\d{3}|E[A-Z]{4})$/.test(code));
}

interface Layer {
  readonly codes: readonly string[];
  readonly kind: string;
  readonly message: string;
}

/** An error and everything it wraps: `cause`, the members of an AggregateError, and what Prisma keeps under `meta`. */
function layers(error: unknown, depth = 0): Layer[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
  const fields = error as Record<string, unknown>;
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  const codes = [text('code'), text('errorCode'), text('originalCode')].filter(Boolean);
  const meta = fields.meta as { driverAdapterError?: unknown } | undefined;
  const inner = [fields.cause, meta?.driverAdapterError, ...(Array.isArray(fields.errors) ? fields.errors : [])];
  return [
    { codes, kind: text('kind'), message: text('message') },
    ...inner.flatMap((wrapped) => layers(wrapped, depth + 1)),
  ];
}
