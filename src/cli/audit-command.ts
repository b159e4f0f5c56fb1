import { parseArgs, type ParseArgsConfig } from 'node:util';
import { USER_ID } from '../auth/user-directory.js';
import { UsageError } from './usage-error.js';

/** What the operator, or an auditor, asked for. */
export type AuditCommand =
  | {
      readonly action: 'verify';
      /** An export; undefined: the configured database. */
      readonly file: string | undefined;
      /** Public keys; none: the configured ones. */
      readonly keys: readonly string[];
      /** Files of checkpoints that were kept elsewhere. */
      readonly checkpoints: readonly string[];
    }
  | { readonly action: 'export'; readonly format: 'ndjson' | 'csv' }
  | { readonly action: 'prune'; readonly eraseUser: string | undefined }
  | { readonly action: 'key' };

export const AUDIT_USAGE = `Usage:
  npm run --silent audit -- verify [--file EXPORT.ndjson] [--key PUBLIC_KEY]... [--checkpoint FILE]...
  npm run --silent audit -- export [--format ndjson|csv] > FILE
  npm run --silent audit -- prune [--erase-user ID]
  npm run --silent audit -- key
verify needs no database with --file, and no configuration with --key besides. It ends with 0 when the log verifies, 1 when
it does not, 2 when it could not be looked at. key prints the public key that verifies this installation's log.`;

/**
 * Reads the command line.
 * @param argv without node and script
 * @throws UsageError
 */
export function parseAuditCommand(argv: readonly string[]): AuditCommand {
  const [action = '', ...rest] = argv;
  switch (action) {
    case 'verify': {
      const flags = read(rest, {
        file: { type: 'string' },
        key: { type: 'string', multiple: true },
        checkpoint: { type: 'string', multiple: true },
      });
      return {
        action,
        file: flags['file'] as string | undefined,
        keys: (flags['key'] as string[] | undefined) ?? [],
        checkpoints: (flags['checkpoint'] as string[] | undefined) ?? [],
      };
    }
    case 'export': {
      const { format = 'ndjson' } = read(rest, { format: { type: 'string' } });
      if (format !== 'ndjson' && format !== 'csv') throw new UsageError(`--format is ndjson or csv.\n\n${AUDIT_USAGE}`);
      return { action, format };
    }
    case 'prune': {
      const eraseUser = read(rest, { 'erase-user': { type: 'string' } })['erase-user'] as string | undefined;
      if (eraseUser !== undefined && !USER_ID.test(eraseUser))
        throw new UsageError('--erase-user is not a user id: letters, digits, _ and -, at most 64.');
      return { action, eraseUser };
    }
    case 'key':
      read(rest, {});
      return { action };
    default:
      throw new UsageError(`Say what to do: verify, export, prune or key.\n\n${AUDIT_USAGE}`);
  }
}

function read(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${AUDIT_USAGE}`, { cause });
  }
}
