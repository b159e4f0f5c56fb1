import { AppError } from '../errors/app-error.js';
import { argumentsHash } from './action-token.js';
import type { StoredToken } from './action-token.store.js';
import { commitStory, commitView } from './commit-view.js';
import { stillRunning } from './earlier-outcome.js';
import { accountFrozen } from './freeze-refusal.js';
import type { WriteArguments } from './write-operation.js';

/** What a token is presented with. */
interface Presented {
  readonly tool: string;
  readonly args: WriteArguments;
  readonly settingsUrl: string;
}

type TokenCheck = (token: StoredToken, presented: Presented) => void;

/**
 * What a token must pass before anything is asked of pwa-be. The order is the policy: what became of a token that was
 * used is told even after it has expired, because a client that lost the answer must be able to learn it.
 */
export const TOKEN_CHECKS: readonly TokenCheck[] = [rightTool, sameArguments, unused, current, unexpired, notFrozen];

function rightTool(token: StoredToken, { tool }: Presented): void {
  if (token.tool === tool) return;
  throw new AppError('action_token_wrong_tool', {
    detail: `That action token was made by ${token.tool}, not by ${tool}.`,
    data: { tool: token.tool },
  });
}

function sameArguments(token: StoredToken, { args }: Presented): void {
  if (Buffer.compare(token.argumentsHash, argumentsHash(args)) !== 0) {
    throw new AppError('action_token_arguments_changed');
  }
}

function unused({ used, commit }: StoredToken): void {
  if (!used) return;
  if (commit === null) throw new AppError('action_token_used');
  if (commit.running) throw stillRunning(commit);
  throw new AppError('action_token_used', {
    detail: `That action token was used before. ${commitStory(commit)}`,
    data: { commit: commitView(commit) },
  });
}

function current({ superseded }: StoredToken): void {
  if (superseded) throw new AppError('action_token_superseded');
}

function unexpired({ expired, expiresAt }: StoredToken): void {
  if (!expired) return;
  throw new AppError('action_token_expired', { detail: `The action token expired at ${expiresAt.toISOString()}.` });
}

/** Looked at again under the lock; here it saves the look at pwa-be. */
function notFrozen({ frozenAt }: StoredToken, { settingsUrl }: Presented): void {
  if (frozenAt !== null) throw accountFrozen(frozenAt, settingsUrl);
}
