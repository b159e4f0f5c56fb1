import { isDatabaseUnavailable, sqlState } from './database-errors.js';

/**
 * Puts a failure to use the configured database into words for the operator: what failed, where, and the mend.
 * The password stands in none of it. Errors that are no connection's are returned as they are.
 */
export function describeConnectionError(error: unknown, databaseUrl: string): unknown {
  const target = parseTarget(databaseUrl);
  // Node's own error carries the whole string: it must not become the cause.
  if (target === undefined)
    return new Error('DATABASE_URL is not a valid address: use postgresql://user:password@host:5432/database.');
  const explanation = explain(error, target);
  return explanation === undefined ? error : new Error(explanation, { cause: error });
}

interface Target {
  readonly server: string;
  readonly user: string;
  readonly database: string;
}

function parseTarget(databaseUrl: string): Target | undefined {
  if (!URL.canParse(databaseUrl)) return undefined;
  const url = new URL(databaseUrl);
  const user = decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1)) || user;
  return { server: `${url.hostname || 'localhost'}:${url.port || 5432}`, user, database };
}

function explain(error: unknown, { server, user, database }: Target): string | undefined {
  switch (sqlState(error)) {
    case '28P01':
    case '28000':
      return `The database server ${server} refused the user "${user}" or its password: correct them in DATABASE_URL.`;
    case '3D000':
      return `There is no database "${database}" on ${server}: create it (createdb "${database}"), or correct DATABASE_URL.`;
    case '42501':
      return (
        `The user "${user}" of DATABASE_URL lacks a right in the database "${database}": make it the database's owner, or ` +
        'grant it the right to create tables (GRANT CREATE ON SCHEMA public), or migrate as another user and set MIGRATE_ON_START=false.'
      );
    case '53300':
      return `The database server ${server} has no free connection: raise its max_connections, or stop other clients.`;
    case '57P03':
      return `The database server ${server} is starting up or shutting down: start again in a moment.`;
    default:
      break;
  }
  if (!isDatabaseUnavailable(error)) return undefined;
  // Several addresses tried: the AggregateError has no message of its own.
  const { message, code } = error as { message?: string; code?: string };
  const reason = message || code;
  return `The database server ${server} cannot be reached (${reason}): check that it runs, and the host and port of DATABASE_URL.`;
}
