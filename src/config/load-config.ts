import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import type { Config } from './config.js';
import { generatedSecrets, type Secrets } from './secrets.js';
import { ConfigError, isLoopback, readVariables } from './read-variables.js';
import { type Values, VARIABLES, words } from './variables.js';

/**
 * Reads and checks the environment.
 * @throws ConfigError naming every variable that is wrong, and what to set instead
 */
export async function loadConfig(environment: NodeJS.ProcessEnv): Promise<Config> {
  const problems: string[] = [];
  const values = readVariables(VARIABLES, environment, problems);
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
      pruneEverySeconds: values.AUDIT_PRUNE_EVERY,
      publicKeys: values.AUDIT_PUBLIC_KEYS ?? [],
      checkpointSink: values.AUDIT_CHECKPOINT_SINK,
    },
    telemetry: telemetry(values),
    logLevel: values.LOG_LEVEL,
    secrets: resolveSecrets(values),
  };
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

function telemetry(values: Values): Config['telemetry'] {
  const { METRICS_ADDRESS: address, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = values;
  const colon = address?.lastIndexOf(':') ?? 0;
  return {
    metrics:
      address === undefined
        ? undefined
        : { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) },
    traces:
      endpoint === undefined
        ? undefined
        : { endpoint, ratio: values.OTEL_TRACES_SAMPLER_ARG, serviceName: values.OTEL_SERVICE_NAME },
  };
}

function allowedOrigins(value: string | undefined, publicUrl: string): string[] {
  const extra = words(value ?? '');
  return [...new Set([new URL(publicUrl).origin, ...extra.map((origin) => origin.replace(/\/+$/, ''))])];
}

function trustProxy(value: string | undefined): string | number | false {
  if (value === undefined) return false;
  return /^\d+$/.test(value) ? Number(value) : value;
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
