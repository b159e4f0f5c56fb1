import { AppError } from '../errors/app-error.js';
import { endingError } from './commit-answer.js';
import { IN_PROGRESS_RETRY_S } from './commit-checks.js';
import { type CommitRow, commitView } from './commit-view.js';

/** What a repetition is told about a commit that did not succeed; undefined: it did. */
export function earlierError(row: CommitRow): AppError | undefined {
  if (row.running) return stillRunning(row);
  switch (row.status) {
    case 'succeeded':
      return undefined;
    case 'undetermined':
      return new AppError('commit_undetermined', { data: { commit: commitView(row) } });
    case 'refused': {
      const ending = {
        status: 'refused',
        upstreamStatus: row.upstream_status ?? undefined,
        upstreamMessage: row.upstream_message ?? undefined,
      } as const;
      return endingError(row.id, ending);
    }
    case 'not_applied':
      return new AppError('commit_not_applied', { data: { commit: commitView(row) } });
    default:
      return new AppError('commit_unknown', { data: { commit: commitView(row) } });
  }
}

/** The very commit that is asked for again is under way. */
export function stillRunning(row: CommitRow): AppError {
  return new AppError('commit_in_progress', {
    detail: 'This very commit was asked for before and is still being carried out.',
    data: { commit: commitView(row) },
    retryAfterSeconds: IN_PROGRESS_RETRY_S,
  });
}
