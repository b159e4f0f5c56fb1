import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { TokenRequest } from '../auth/pat/new-token.js';
import { ALL_SCOPES } from '../auth/scopes.js';
import { USER_ID } from '../auth/user-directory.js';
import { UsageError } from './usage-error.js';

/** What the operator asked for. */
export type TokensCommand =
  | { readonly action: 'create'; readonly userId: string; readonly request: TokenRequest }
  | { readonly action: 'list'; readonly userId: string }
  | { readonly action: 'revoke'; readonly id: string }
  | { readonly action: 'revoke-all'; readonly userId: string };

export const USAGE = `Usage:
  npm run --silent tokens -- create --user ID --name NAME --scopes "SCOPE SCOPE" [--expires-in-days DAYS] [--max-trade-usdt USDT]
  npm run --silent tokens -- list --user ID
  npm run --silent tokens -- revoke --id ID
  npm run --silent tokens -- revoke --user ID      (all of the user's tokens and apps)
Scopes: ${ALL_SCOPES.join(' ')}
create prints the token alone on standard output; it is shown this once.`;

type Flags = Readonly<Record<string, string | undefined>>;

/** The flags each action takes, and how its command is made of them. */
const ACTIONS: Readonly<Record<string, { flags: readonly string[]; make: (flags: Flags) => TokensCommand }>> = {
  create: { flags: ['user', 'name', 'scopes', 'expires-in-days', 'max-trade-usdt'], make: createCommand },
  list: { flags: ['user'], make: (flags) => ({ action: 'list', userId: userOf(flags) }) },
  revoke: { flags: ['id', 'user'], make: revokeCommand },
};

/**
 * Reads the command line.
 * @param argv without node and script
 * @throws UsageError
 */
export function parseTokensCommand(argv: readonly string[]): TokensCommand {
  const [action = '', ...rest] = argv;
  if (!Object.hasOwn(ACTIONS, action)) throw new UsageError(`Say what to do: create, list or revoke.\n\n${USAGE}`);
  const { flags, make } = ACTIONS[action]!;
  return make(readFlags(rest, flags));
}

function readFlags(args: readonly string[], names: readonly string[]): Flags {
  const options: ParseArgsConfig['options'] = Object.fromEntries(
    names.map((name) => [name, { type: 'string' as const }]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Flags;
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${USAGE}`, { cause });
  }
}

function createCommand(flags: Flags): TokensCommand {
  return {
    action: 'create',
    userId: userOf(flags),
    request: {
      name: required(flags, 'name'),
      scopes: required(flags, 'scopes')
        .split(/[\s,]+/)
        .filter(Boolean),
      expiresInDays: numberOf(flags, 'expires-in-days'),
      maxTradeUsdt: numberOf(flags, 'max-trade-usdt'),
    },
  };
}

function revokeCommand(flags: Flags): TokensCommand {
  if ((flags['id'] === undefined) === (flags['user'] === undefined)) {
    throw new UsageError(`Give either --id (one token) or --user (all of a user's tokens).\n\n${USAGE}`);
  }
  return flags['id'] === undefined
    ? { action: 'revoke-all', userId: userOf(flags) }
    : { action: 'revoke', id: flags['id'] };
}

function required(flags: Flags, name: string): string {
  const value = flags[name];
  if (value === undefined || value === '') throw new UsageError(`--${name} is missing.\n\n${USAGE}`);
  return value;
}

function userOf(flags: Flags): string {
  const userId = required(flags, 'user');
  if (!USER_ID.test(userId)) throw new UsageError('--user is not a user id: letters, digits, _ and -, at most 64.');
  return userId;
}

function numberOf(flags: Flags, name: string): number | undefined {
  const value = flags[name];
  if (value === undefined) return undefined;
  if (!/^\d+(?:\.\d+)?$/.test(value)) throw new UsageError(`--${name} must be a number, e.g. --${name} 90.`);
  return Number(value);
}
