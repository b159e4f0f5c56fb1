import { AppError } from '../errors/app-error.js';
import { endingError } from './commit-answer.js';
import { type CommitRow, commitView } from './commit-view.js';
import type { WriteOutcome } from './write-call.js';

/** The answer to a repeated write: what became of the first one. */
export function apiOutcome(row: CommitRow): WriteOutcome {
  if (row.status === 'succeeded') return { kind: 'done', structured: row.result ?? {}, recorded: false };
  return { kind: 'failed', error: errorOf(row), recorded: false };
}

function errorOf(row: CommitRow): AppError {
  switch (row.status) {
    case 'undetermined':
      return new AppError('commit_undetermined', { data: { commit: commitView(row) } });
    case 'refused': {
      const ending = {
        status: 'refused',
        upstreamStatus: row.upstream_status ?? undefined,
        upstreamMessage: row.upstream_message ?? undefined,
      } as const;
      return endingError(row.id, ending)!;
    }
    case 'not_applied':
      return new AppError('commit_not_applied', { data: { commit: commitView(row) } });
    default:
      return new AppError('commit_unknown', { data: { commit: commitView(row) } });
  }
}
