import { readFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from './config.js';
import { generatedSecrets, type Secrets } from './secrets.js';

/** A configuration that must not boot: every problem, each naming its variable and the mend. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const MIN_SECRET = 32;
const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));
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
const VARIABLES = {
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
  LOG_LEVEL: [
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    'use fatal, error, warn, info, debug, trace or silent',
  ],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Values = { [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K][0]> };

/** The names of all variables this server reads, for the documentation's test. */
export const VARIABLE_NAMES = Object.keys(VARIABLES);

/**
 * Reads and checks the environment.
 * @throws ConfigError naming every variable that is wrong, and what to set instead
 */
export async function loadConfig(environment: NodeJS.ProcessEnv): Promise<Config> {
  const problems: string[] = [];
  const values = parse(environment, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  const mode = values.TRADECAFE_MODE ?? (values.PWA_BE_BASE_URL === undefined ? 'mock' : 'live');
  const listenPort = values.PORT === 0 ? await freePort(values.HOST) : values.PORT;
  const publicUrl = values.PUBLIC_URL ?? `http://127.0.0.1:${listenPort}`;
  const apiPublicUrl = values.API_PUBLIC_URL ?? publicUrl;
  checkCombinations(values, mode, publicUrl, apiPublicUrl, problems);
  const tls = readTls(values, problems);
  if (problems.length > 0) throw new ConfigError(problems);

  return {
    environment: values.NODE_ENV,
    host: values.HOST,
    port: listenPort,
    publicUrl,
    apiPublicUrl,
    databaseUrl: values.DATABASE_URL,
    dataDir: resolve(values.DATA_DIR),
    migrateOnStart: values.MIGRATE_ON_START,
    mode,
    pwaBe: {
      baseUrl: values.PWA_BE_BASE_URL,
      timeoutMs: values.PWA_BE_TIMEOUT_MS,
      jwtClaims: values.PWA_BE_JWT_CLAIMS,
      tls,
    },
    sandboxPort: values.SANDBOX_PORT,
    session: {
      cookie: values.SESSION_COOKIE,
      jwksUrl: values.SESSION_JWKS_URL,
      loginUrl: values.LOGIN_URL ?? '/login',
    },
    apiAcceptSession: values.API_ACCEPT_SESSION,
    allowedOrigins: allowedOrigins(values.ALLOWED_ORIGINS, publicUrl),
    trustProxy: trustProxy(values.TRUST_PROXY),
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
    commitsPerHour: values.COMMITS_PER_HOUR,
    previewTolerance: values.PREVIEW_TOLERANCE,
    oauth: {
      writeGrantMaxSessionAgeSeconds: values.WRITE_GRANT_MAX_SESSION_AGE,
      refreshGraceSeconds: values.REFRESH_GRACE,
    },
    audit: {
      retentionDays: values.AUDIT_RETENTION_DAYS,
      publicKeys: values.AUDIT_PUBLIC_KEYS ?? [],
      checkpointSink: values.AUDIT_CHECKPOINT_SINK,
    },
    logLevel: values.LOG_LEVEL,
    secrets: resolveSecrets(values),
  };
}

function parse(environment: NodeJS.ProcessEnv, problems: string[]): Values {
  const values: Record<string, unknown> = {};
  for (const [name, [schema, mend]] of Object.entries(VARIABLES)) {
    // An empty variable is an unset one: compose files and CI systems cannot leave a variable out.
    const raw = environment[name] === '' ? undefined : environment[name];
    const result = schema.safeParse(raw);
    if (result.success) values[name] = result.data;
    else problems.push(`${name} is not usable: ${mend}.`);
  }
  return values as Values;
}

function checkCombinations(values: Values, mode: string, publicUrl: string, apiUrl: string, problems: string[]): void {
  if (mode === 'live') {
    if (values.PWA_BE_BASE_URL === undefined)
      problems.push('PWA_BE_BASE_URL is missing: live mode needs the address of pwa-be (or set TRADECAFE_MODE=mock).');
    if (values.PWA_BE_JWT_SECRET === undefined)
      problems.push(
        'PWA_BE_JWT_SECRET is missing: live mode needs the secret that pwa-be verifies our user tokens with.',
      );
    if (values.SESSION_JWT_SECRET === undefined && values.SESSION_JWKS_URL === undefined)
      problems.push("SESSION_JWT_SECRET is missing: live mode needs the site's session secret (or SESSION_JWKS_URL).");
    if (values.LOGIN_URL === undefined)
      problems.push("LOGIN_URL is missing: live mode needs the address of the site's login page.");
  }
  if (values.PWA_BE_JWT_SECRET !== undefined && values.PWA_BE_JWT_SECRET === values.SESSION_JWT_SECRET)
    problems.push(
      'PWA_BE_JWT_SECRET equals SESSION_JWT_SECRET: use a key of its own, or our upstream tokens would pass as site sessions.',
    );
  if ((values.PWA_BE_TLS_CERT === undefined) !== (values.PWA_BE_TLS_KEY === undefined))
    problems.push('PWA_BE_TLS_CERT and PWA_BE_TLS_KEY belong together: set both or neither.');
  if (values.PWA_BE_TLS_CA !== undefined && values.PWA_BE_TLS_CERT === undefined)
    problems.push('PWA_BE_TLS_CA counts only for mutual TLS: set PWA_BE_TLS_CERT and PWA_BE_TLS_KEY too, or unset it.');
  if (mode === 'mock' && values.PWA_BE_BASE_URL !== undefined && values.PWA_BE_JWT_SECRET === undefined)
    problems.push(
      'PWA_BE_JWT_SECRET is missing: a sandbox at PWA_BE_BASE_URL verifies our user tokens with its own secret; set the same one here.',
    );
  if (values.NODE_ENV !== 'production') return;
  if (mode === 'mock')
    problems.push(
      'TRADECAFE_MODE is mock: production must not serve synthetic data; set PWA_BE_BASE_URL and TRADECAFE_MODE=live.',
    );
  if (values.DATABASE_URL === undefined)
    problems.push('DATABASE_URL is missing: production does not run on the embedded database.');
  if (values.TOKEN_PEPPER === undefined)
    problems.push(
      'TOKEN_PEPPER is missing: production does not run on a generated secret; set one, e.g. from: openssl rand -base64 32.',
    );
  if (values.AUDIT_SIGNING_KEY === undefined)
    problems.push(
      'AUDIT_SIGNING_KEY is missing: production does not sign its audit log with a generated key; set one, from: openssl rand -base64 32.',
    );
  for (const [name, value] of [
    ['PUBLIC_URL', publicUrl],
    ['API_PUBLIC_URL', apiUrl],
  ] as const) {
    if (!value.startsWith('https://') && !isLoopback(value))
      problems.push(`${name} must be https in production (loopback excepted).`);
  }
}

function readTls(values: Values, problems: string[]): Config['pwaBe']['tls'] {
  const { PWA_BE_TLS_CERT: cert, PWA_BE_TLS_KEY: key, PWA_BE_TLS_CA: ca } = values;
  const read = (name: string, path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      problems.push(`${name} cannot be read: check that the file ${path} exists and that this user may read it.`);
      return '';
    }
  };
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert: read('PWA_BE_TLS_CERT', cert),
    key: read('PWA_BE_TLS_KEY', key),
    ca: ca === undefined ? undefined : read('PWA_BE_TLS_CA', ca),
  };
}

function resolveSecrets(values: Values): Secrets {
  const { TOKEN_PEPPER, PWA_BE_JWT_SECRET, SESSION_JWT_SECRET, SESSION_JWKS_URL, AUDIT_SIGNING_KEY } = values;
  const sessionKnown = SESSION_JWT_SECRET !== undefined || SESSION_JWKS_URL !== undefined;
  const ours = TOKEN_PEPPER !== undefined && AUDIT_SIGNING_KEY !== undefined;
  const complete = ours && PWA_BE_JWT_SECRET !== undefined && sessionKnown;
  const generated = complete ? undefined : generatedSecrets(resolve(values.DATA_DIR));
  return {
    tokenPepper: TOKEN_PEPPER ?? generated!.tokenPepper,
    pwaBeJwtSecret: PWA_BE_JWT_SECRET ?? generated!.pwaBeJwtSecret,
    sessionJwtSecret: SESSION_JWT_SECRET ?? (SESSION_JWKS_URL === undefined ? generated!.sessionJwtSecret : ''),
    auditSigningKey: AUDIT_SIGNING_KEY ?? generated!.auditSigningKey,
  };
}

function words(value: string): string[] {
  return value.split(/[\s,]+/).filter(Boolean);
}

function allowedOrigins(value: string | undefined, publicUrl: string): string[] {
  const extra = words(value ?? '');
  return [...new Set([new URL(publicUrl).origin, ...extra.map((origin) => origin.replace(/\/+$/, ''))])];
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

function trustProxy(value: string | undefined): string | number | false {
  if (value === undefined) return false;
  return /^\d+$/.test(value) ? Number(value) : value;
}

function isLoopback(value: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(value).hostname);
}

/** A port nobody listens on right now: `PORT=0` must be known before the listener is up, the issuer carries it. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolvePort, reject) => server.once('error', reject).listen(0, host, resolvePort));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
