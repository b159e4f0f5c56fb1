import { z } from 'zod';
import {
  ConfigError,
  isLoopback,
  LOG_LEVEL_MEND,
  logLevel,
  readVariables,
  url,
  type ValuesOf,
  type VariableTable,
} from './read-variables.js';

/** How `npm run stdio` gets at the tools: an application of its own with synthetic data, or a backend elsewhere. */
export type StdioConfig = { readonly logLevel: string } & (MockMode | LiveMode);

interface MockMode {
  readonly mode: 'mock';
  /** How a commit is confirmed. */
  readonly writePolicy: 'token_only' | 'human_required';
}

export interface LiveMode {
  readonly mode: 'live';
  /** The backend's MCP endpoint, e.g. `https://api.tradecafe.ai/mcp`. */
  readonly endpoint: string;
  /** Set: every request carries it. Unset: OAuth, in the person's browser. */
  readonly pat: string | undefined;
  readonly oauth: {
    readonly clientId: string;
    /** Space-separated; undefined: what the backend asks for. */
    readonly scopes: string | undefined;
    /** Undefined: found by discovery (RFC 9728, RFC 8414). */
    readonly endpoints: { readonly authorization: string; readonly token: string } | undefined;
  };
  /** How long the backend may take until it begins to answer. */
  readonly requestTimeoutMs: number;
}

const PRODUCTION = 'https://api.tradecafe.ai';
const CLIENT_ID = 'tradecafe-mcp';

/** An address that may carry a credential: https, or on this machine. */
const guarded = url.refine((value) => value.startsWith('https://') || isLoopback(value));
/** RFC 6749 §3.3, scope-token. */
const scopes = z
  .string()
  .transform((value) => value.split(/\s+/).filter(Boolean).join(' '))
  .refine((value) => /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(value));

const GUARDED_MEND = 'https (http only on this machine)';

const VARIABLES = {
  TRADECAFE_MODE: [
    z
      .string()
      .toLowerCase()
      .pipe(z.enum(['live', 'mock']))
      .optional(),
    'use live or mock',
  ],
  TRADECAFE_PAT: [
    z
      .string()
      .trim()
      .regex(/^tc_(?:pat|at)_[0-9A-Za-z_-]+$/)
      .optional(),
    'set a whole token as the settings page shows it, it starts with tc_pat_ (the cookie of the site does not work here), or unset it to sign in with the browser',
  ],
  TRADECAFE_API_BASE_URL: [
    guarded.optional(),
    `set the address of the backend with ${GUARDED_MEND}, e.g. ${PRODUCTION} or http://127.0.0.1:3000`,
  ],
  TRADECAFE_AUTH_URL: [
    guarded.optional(),
    `set the address of the consent page with ${GUARDED_MEND}, or unset it: the backend says where it is`,
  ],
  TRADECAFE_TOKEN_URL: [
    guarded.optional(),
    `set the address of the token endpoint with ${GUARDED_MEND}, or unset it: the backend says where it is`,
  ],
  TRADECAFE_CLIENT_ID: [
    z
      .string()
      .regex(/^[\x21-\x7e]+$/)
      .default(CLIENT_ID),
    `set a client id without spaces, or unset it for ${CLIENT_ID}`,
  ],
  TRADECAFE_SCOPES: [
    scopes.optional(),
    'set scopes separated by spaces, e.g. "read:account read:positions", or unset it: the backend says what it needs',
  ],
  TRADECAFE_REQUEST_TIMEOUT_MS: [
    z.coerce.number().int().min(100).max(600_000).default(10_000),
    'set milliseconds from 100 to 600000',
  ],
  TRADECAFE_WRITE_POLICY: [
    z.enum(['token_only', 'human_required']).optional(),
    'use token_only or human_required (mock mode only)',
  ],
  LOG_LEVEL: [logLevel.default('warn'), LOG_LEVEL_MEND],
} as const satisfies VariableTable;

/** The names of all variables of stdio, for the documentation's test. */
export const STDIO_VARIABLE_NAMES = Object.keys(VARIABLES);

/**
 * Reads and checks the environment of a stdio server.
 * @throws ConfigError naming every variable that is wrong, and what to set instead
 */
export function loadStdioConfig(environment: NodeJS.ProcessEnv): StdioConfig {
  const problems: string[] = [];
  const values = readVariables(VARIABLES, environment, problems);
  if ((values.TRADECAFE_AUTH_URL === undefined) !== (values.TRADECAFE_TOKEN_URL === undefined))
    problems.push('TRADECAFE_AUTH_URL and TRADECAFE_TOKEN_URL belong together: set both or neither.');
  const live = isLive(values);
  if (live && values.TRADECAFE_WRITE_POLICY !== undefined)
    problems.push(
      'TRADECAFE_WRITE_POLICY counts in mock mode only: the policy of a real token is chosen where it is made; unset it.',
    );
  if (problems.length > 0) throw new ConfigError(problems);
  return live
    ? liveMode(values)
    : { mode: 'mock', writePolicy: values.TRADECAFE_WRITE_POLICY ?? 'token_only', logLevel: values.LOG_LEVEL };
}

/** Who configures nothing gets synthetic data; whatever points at an account or a backend means the real thing. */
function isLive(values: ValuesOf<typeof VARIABLES>): boolean {
  if (values.TRADECAFE_MODE !== undefined) return values.TRADECAFE_MODE === 'live';
  const { TRADECAFE_PAT, TRADECAFE_API_BASE_URL, TRADECAFE_AUTH_URL } = values;
  return [TRADECAFE_PAT, TRADECAFE_API_BASE_URL, TRADECAFE_AUTH_URL].some((value) => value !== undefined);
}

function liveMode(values: ValuesOf<typeof VARIABLES>): StdioConfig {
  const { TRADECAFE_AUTH_URL: authorization, TRADECAFE_TOKEN_URL: token } = values;
  return {
    mode: 'live',
    endpoint: endpointOf(values.TRADECAFE_API_BASE_URL ?? PRODUCTION),
    pat: values.TRADECAFE_PAT,
    oauth: {
      clientId: values.TRADECAFE_CLIENT_ID,
      scopes: values.TRADECAFE_SCOPES,
      endpoints: authorization === undefined || token === undefined ? undefined : { authorization, token },
    },
    requestTimeoutMs: values.TRADECAFE_REQUEST_TIMEOUT_MS,
    logLevel: values.LOG_LEVEL,
  };
}

/** The npm client wants the base of `/api` in this variable: whoever sets that, or the endpoint itself, is understood. */
function endpointOf(base: string): string {
  return `${base.replace(/\/(?:api|mcp)$/, '')}/mcp`;
}
