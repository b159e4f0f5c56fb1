import { Prisma } from '../generated/prisma/client.js';

export type CommitStatus = 'pending' | 'succeeded' | 'refused' | 'unknown' | 'not_applied' | 'undetermined';

/** A commit as the ledger's statements return it. */
export interface CommitRow {
  readonly id: string;
  readonly tool: string;
  readonly target_id: string;
  readonly status: CommitStatus;
  /** Some process may be in the middle of it; one that is pending for longer than it may be was left behind. */
  readonly running: boolean;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly upstream_status: number | null;
  readonly upstream_message: string | null;
  readonly result: Record<string, unknown> | null;
  readonly observation: string | null;
}

/** The columns of a CommitRow. */
export const COMMIT_COLUMNS = Prisma.sql`
  id, tool, target_id, status, status = 'pending' AND due_at > clock_timestamp() AS running, created_at, finished_at,
  upstream_status, upstream_message, result, observation`;

/** What a caller is told about an earlier commit. */
export interface CommitView {
  readonly id: string;
  readonly tool: string;
  readonly status: CommitStatus;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly upstream_message?: string;
  readonly observed?: string;
  readonly result?: Record<string, unknown>;
}

export function commitView(row: CommitRow): CommitView {
  return {
    id: row.id,
    tool: row.tool,
    status: row.status,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    ...(row.upstream_message === null || row.upstream_message === '' ? {} : { upstream_message: row.upstream_message }),
    ...(row.observation === null ? {} : { observed: row.observation }),
    ...(row.result === null ? {} : { result: row.result }),
  };
}

/** What became of a commit, in one or two sentences for a model. */
export function commitStory({
  status,
  finished_at: finishedAt,
  observation,
  upstream_message: message,
}: CommitRow): string {
  const at = finishedAt === null ? '' : ` at ${finishedAt.toISOString()}`;
  const seen = observation === null ? '' : ` (observed: ${observation})`;
  switch (status) {
    case 'succeeded':
      return `Its commit succeeded${at}${seen}: it is done, do not repeat it.`;
    case 'refused':
      return `TradeCafe refused its commit${message ? `: "${message}"` : ''}. Nothing was done; to try again make a new preview.`;
    case 'not_applied':
      return observation === null
        ? 'Its commit was not sent. Nothing was done; to try again make a new preview.'
        : `When TradeCafe was looked at${at}, its commit had not taken effect${seen}. It may still do so late: make a new preview before trying again, it shows what is true then.`;
    case 'undetermined':
      return `Whether its commit was carried out cannot be found out${seen}. Look at the positions and ask the user to check in TradeCafe before anything else.`;
    default:
      return 'Its commit was sent and the outcome is still being looked up. Do not assume that it failed; ask again with the same token in 20 seconds.';
  }
}
