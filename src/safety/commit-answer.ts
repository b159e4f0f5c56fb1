import { AppError } from '../errors/app-error.js';
import type { WriteAnswer } from '../pwa-be/pwa-be.client.js';
import type { Ending } from './commit-closing.js';

/** What the ledger is told about pwa-be's answer to the one PUT. */
export function endingOf(answer: WriteAnswer, result: () => Record<string, unknown>): Ending {
  switch (answer.kind) {
    case 'accepted':
      return { status: 'succeeded', result: result() };
    case 'refused':
      return { status: 'refused', upstreamStatus: answer.status, upstreamMessage: answer.message };
    case 'not_sent':
      return { status: 'not_applied' };
    case 'unknown':
      return { status: 'unknown' };
  }
}

/** What the caller is told when it did not succeed. */
export function endingError(commitId: string, ending: Ending): AppError | undefined {
  const data = { commit_id: commitId, commit_status: ending.status };
  switch (ending.status) {
    case 'succeeded':
      return undefined;
    case 'refused': {
      const { upstreamMessage: message, upstreamStatus } = ending;
      const detail = message ? `TradeCafe refused it: "${message}". Nothing was done.` : undefined;
      return new AppError('commit_refused', {
        detail,
        data: { ...data, upstream_status: upstreamStatus, ...(message ? { upstream_message: message } : {}) },
      });
    }
    case 'not_applied':
      return new AppError('commit_not_applied', {
        detail: 'Nothing was sent to TradeCafe, so nothing was changed.',
        data,
      });
    case 'unknown':
      return new AppError('commit_unknown', { data });
  }
}
