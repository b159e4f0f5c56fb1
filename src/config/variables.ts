import { isIP } from 'node:net';
import { z } from 'zod';
import { LOG_LEVEL_MEND, logLevel, url, type ValuesOf } from './read-variables.js';

const MIN_SECRET = 32;
/** The base of addresses: scheme, host and port, nothing after them. */
const base = url.refine((value) => new URL(value).origin === value);
const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().max(65535));
/** Origins as browsers send them. */
const origins = z.string().refine((value) => words(value).every(isOrigin));
/** A number of hops, or addresses and networks. */
const proxies = z
  .string()
  .refine((value) => /^\d{1,2}$/.test(value) || value.split(',').every((part) => isNetwork(part.trim())));
/** 32 bytes in base64 or base64url, as an Ed25519 seed or public key is. */
const ed25519Key = z.string().regex(/^[\w+/-]{43}=?$/);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const secret = z.string().min(MIN_SECRET);
/** e.g. `24h`; in seconds. */
const duration = z
  .string()
  .regex(/^\d{1,6}[smhd]$/)
  .transform(
    (value) => Number(value.slice(0, -1)) * { s: 1, m: 60, h: 3600, d: 86_400 }[value.at(-1) as 's' | 'm' | 'h' | 'd'],
  );
const jsonObject = z.string().transform((value, context): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(value);
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the same message: what it must be matters, not how it failed.
  }
  context.addIssue({ code: 'custom', message: 'not a JSON object' });
  return z.NEVER;
});

/** Each variable's parser and the mend that its refusal names. */
export const VARIABLES = {
  NODE_ENV: [
    z.enum(['production', 'development', 'test']).default('development'),
    'use production, development or test',
  ],
  HOST: [z.string().min(1).default('127.0.0.1'), 'set an address to listen on, e.g. 127.0.0.1 or 0.0.0.0'],
  PORT: [port.default(3000), 'set a port from 0 (any free one) to 65535'],
  PUBLIC_URL: [base.optional(), 'set the address people open, without a path, e.g. https://tradecafe.ai'],
  API_PUBLIC_URL: [
    base.optional(),
    'set the address of /mcp, /v1 and /api, without a path, e.g. https://api.tradecafe.ai',
  ],
  DATABASE_URL: [
    z
      .string()
      .regex(/^postgres(ql)?:\/\//)
      .optional(),
    'set postgresql://user:password@host:5432/database, or unset it for the embedded database',
  ],
  DATA_DIR: [z.string().min(1).default('.data'), 'set a directory that this user may write'],
  API_ACCEPT_SESSION: [flag.default(true), 'use true or false'],
  MIGRATE_ON_START: [flag.default(true), 'use true or false'],
  TRADECAFE_MODE: [z.enum(['live', 'mock']).optional(), 'use live (needs PWA_BE_BASE_URL) or mock'],
  PWA_BE_BASE_URL: [url.optional(), 'set the base of pwa-be, e.g. https://pwa-be.internal/api'],
  PWA_BE_TIMEOUT_MS: [z.coerce.number().int().min(100).max(7000).default(5000), 'set milliseconds from 100 to 7000'],
  PWA_BE_JWT_SECRET: [secret.optional(), `set at least ${MIN_SECRET} characters, e.g. from: openssl rand -base64 32`],
  PWA_BE_JWT_CLAIMS: [jsonObject.default({}), 'set a JSON object, e.g. {"iss":"mcp"}'],
  PWA_BE_TLS_CERT: [z.string().optional(), 'set the path of a PEM certificate'],
  PWA_BE_TLS_KEY: [z.string().optional(), 'set the path of the PEM key of PWA_BE_TLS_CERT'],
  PWA_BE_TLS_CA: [z.string().optional(), 'set the path of a PEM certificate authority'],
  SANDBOX_PORT: [port.default(0), 'set a port from 0 (any free one) to 65535'],
  SESSION_JWT_SECRET: [secret.optional(), `set the site's session secret, at least ${MIN_SECRET} characters`],
  SESSION_JWKS_URL: [url.optional(), "set the address of the site's key set"],
  SESSION_COOKIE: [
    z
      .string()
      .regex(/^[\w!#$%&'*.^`|~+-]+$/)
      .default('auth'),
    'set a cookie name',
  ],
  LOGIN_URL: [z.union([url, z.string().regex(/^\/(?![/\\])/)]).optional(), 'set the address of the login page'],
  TOKEN_PEPPER: [secret.optional(), `set at least ${MIN_SECRET} characters, e.g. from: openssl rand -base64 32`],
  AUDIT_SIGNING_KEY: [ed25519Key.optional(), 'set 32 bytes in base64, from: openssl rand -base64 32'],
  AUDIT_PUBLIC_KEYS: [
    z.string().transform(words).pipe(z.array(ed25519Key)).optional(),
    'set public keys as `npm run audit -- key` prints them, separated by spaces or commas',
  ],
  AUDIT_RETENTION_DAYS: [z.coerce.number().int().min(1).max(36_500).default(400), 'set days, from 1 to 36500'],
  AUDIT_PRUNE_EVERY: [duration.default(86_400), 'set a duration, e.g. 1d or 12h; 0s: only by hand'],
  AUDIT_CHECKPOINT_SINK: [
    z
      .string()
      .regex(/^(?:https?:\/\/|\/|\.{1,2}\/)/)
      .optional(),
    'set the path of a file (beginning with / or ./) or an http(s) address',
  ],
  ALLOWED_ORIGINS: [origins.optional(), 'set origins separated by spaces or commas, e.g. https://app.example'],
  TRUST_PROXY: [proxies.optional(), 'set a number of hops, or addresses and CIDRs separated by commas'],
  COMMITS_PER_HOUR: [
    z.coerce.number().int().min(1).max(1_000_000).default(30),
    'set writes per hour and user, at least 1',
  ],
  PREVIEW_TOLERANCE: [
    z.coerce.number().min(0).max(1).default(0.01),
    'set a fraction from 0 to 1, e.g. 0.01 for one percent',
  ],
  WRITE_GRANT_MAX_SESSION_AGE: [duration.default(86_400), 'set a duration, e.g. 24h, 30m or 1d'],
  REFRESH_GRACE: [duration.default(60).refine((seconds) => seconds <= 300), 'set a duration of at most 5m, e.g. 60s'],
  RATE_LIMIT_PER_MINUTE: [
    z.coerce.number().int().min(1).max(1_000_000).default(120),
    'set calls per minute, at least 1',
  ],
  METRICS_ADDRESS: [
    z
      .string()
      .regex(/^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i)
      .refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535)
      .optional(),
    'set an address and a port, e.g. 127.0.0.1:9464',
  ],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    url.optional(),
    'set the base address of an OTLP/HTTP collector, e.g. http://127.0.0.1:4318',
  ],
  OTEL_TRACES_SAMPLER_ARG: [z.coerce.number().min(0).max(1).default(0.01), 'set a share from 0 to 1, e.g. 0.01'],
  OTEL_SERVICE_NAME: [z.string().min(1).max(100).default('tradecafe-mcp'), 'set a name'],
  LOG_LEVEL: [logLevel.default('info'), LOG_LEVEL_MEND],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

/** What the variables say, once each has been parsed. */
export type Values = ValuesOf<typeof VARIABLES>;

/** The names of all variables this server reads, for the documentation's test. */
export const VARIABLE_NAMES = Object.keys(VARIABLES);

/** The parts of a list, which spaces or commas separate. */
export function words(value: string): string[] {
  return value.split(/[\s,]+/).filter(Boolean);
}

function isOrigin(value: string): boolean {
  const trimmed = value.replace(/\/+$/, '');
  return URL.canParse(trimmed) && new URL(trimmed).origin === trimmed;
}

/** An address, or one with the length of its network's prefix. */
function isNetwork(value: string): boolean {
  const [address, prefix, ...rest] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address ?? '') as 0 | 4 | 6];
  return (
    rest.length === 0 && bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}
