import 'reflect-metadata';
import { operatorOrigin } from '../audit/account-action.js';
import { loadConfig } from '../config/load-config.js';
import { ConfigError } from '../config/read-variables.js';
import { AppError } from '../errors/app-error.js';
import type { PersonalAccessToken } from '../generated/prisma/client.js';
import { createLogger } from '../logging/logger.js';
import { type Credentials, withCredentials } from './operator-tokens.js';
import { parseTokensCommand, type TokensCommand } from './tokens-command.js';
import { UsageError } from './usage-error.js';

/** The operator's way to mint, list and revoke personal access tokens. Results on stdout, everything else on stderr. */
async function main(): Promise<void> {
  const command = parseTokensCommand(process.argv.slice(2));
  const config = await loadConfig(process.env);
  const output = await withCredentials(config, createLogger(config, 2), (credentials) => run(credentials, command));
  if (output !== '') process.stdout.write(`${output}\n`);
}

/** @returns what belongs on stdout */
async function run({ tokens, grants }: Credentials, command: TokensCommand): Promise<string> {
  switch (command.action) {
    case 'create': {
      const { row, token } = await tokens.create(operatorOrigin(command.userId), command.request);
      note(`Created "${row.name}" (${row.id}) for ${row.userId}: ${row.scopes.join(' ')}; expires ${until(row)}.`);
      return token;
    }
    case 'list':
      return (await tokens.list(command.userId)).map(line).join('\n');
    case 'revoke':
      await tokens.revokeAnyones(operatorOrigin, command.id);
      note(`Revoked ${command.id}.`);
      return '';
    case 'revoke-all':
      note(`Revoked ${await tokens.revokeAll(operatorOrigin(command.userId))} tokens of ${command.userId}.`);
      note(`Ended the access of ${await grants.revokeAll(operatorOrigin(command.userId))} apps.`);
      return '';
  }
}

/** One token a line, separated by tabs: id, hint, state, last use, scopes, name. */
function line(row: PersonalAccessToken): string {
  const state = row.revokedAt === null ? `expires ${until(row)}` : `revoked ${row.revokedAt.toISOString()}`;
  const used = row.lastUsedAt === null ? 'never used' : `used ${row.lastUsedAt.toISOString()}`;
  return [row.id, row.hint, state, used, row.scopes.join(' '), row.name].join('\t');
}

function until({ expiresAt }: PersonalAccessToken): string {
  return expiresAt?.toISOString() ?? 'never';
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A person reads this: the sentences that help, without a stack unless nobody expected it. */
function explain(error: unknown): string {
  if (error instanceof AppError) return [error.entry.title, error.detail, error.entry.next].filter(Boolean).join(' ');
  if (error instanceof UsageError || error instanceof ConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  note(explain(error));
  const badUsage = error instanceof UsageError || (error instanceof AppError && error.code === 'invalid_request');
  process.exitCode = badUsage ? 2 : 1;
});
