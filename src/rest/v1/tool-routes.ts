import type { ErrorCode } from '../../errors/error-table.js';
import { approvePendingTrade } from '../../tools/catalog/approve-pending-trade.tool.js';
import { closePosition } from '../../tools/catalog/close-position.tool.js';
import { getAccountSummary } from '../../tools/catalog/get-account-summary.tool.js';
import { getPnlHistory } from '../../tools/catalog/get-pnl-history.tool.js';
import { getPoolStatus } from '../../tools/catalog/get-pool-status.tool.js';
import { getPositions } from '../../tools/catalog/get-positions.tool.js';
import { getRecentSignals } from '../../tools/catalog/get-recent-signals.tool.js';
import { getReferralStats } from '../../tools/catalog/get-referral-stats.tool.js';
import { getSignalDetails } from '../../tools/catalog/get-signal-details.tool.js';
import { getSubscriptionStatus } from '../../tools/catalog/get-subscription-status.tool.js';
import type { ReadTool, WriteTool } from '../../tools/tool.js';
import type { WriteHalf } from '../../tools/tool-call.js';

/** A read tool at an address: path and query are its arguments, its result is the answer. */
export interface ReadRoute {
  /** Below /v1; `:name` becomes the argument of that name. */
  readonly path: string;
  readonly tool: ReadTool;
  /** The member of the result that is the whole answer: a list is answered as the bare array. */
  readonly list?: string;
  /** Codes of this tool alone. */
  readonly errors?: readonly ErrorCode[];
}

/** One half of a write tool at an address: the body is its arguments. */
export interface WriteRoute {
  readonly path: string;
  readonly tool: WriteTool;
  readonly half: WriteHalf;
  readonly errors: readonly ErrorCode[];
}

/** THE list of the tools that /v1 answers to read. */
export const READ_ROUTES: readonly ReadRoute[] = [
  { path: 'account/summary', tool: getAccountSummary },
  { path: 'signals/recent', tool: getRecentSignals, list: 'signals' },
  { path: 'signals/:signal_id', tool: getSignalDetails, errors: ['signal_not_found', 'not_found'] },
  { path: 'positions', tool: getPositions, list: 'positions' },
  { path: 'pnl/history', tool: getPnlHistory },
  { path: 'pool/status', tool: getPoolStatus },
  { path: 'subscription/status', tool: getSubscriptionStatus },
  { path: 'referrals/stats', tool: getReferralStats },
];

/** What any commit may be refused with, or come to. */
const COMMIT: readonly ErrorCode[] = [
  'account_frozen',
  'action_token_arguments_changed',
  'action_token_expired',
  'action_token_invalid',
  'action_token_required',
  'action_token_superseded',
  'action_token_used',
  'action_token_wrong_tool',
  'commit_in_progress',
  'commit_limit_reached',
  'commit_not_applied',
  'commit_refused',
  'commit_undetermined',
  'commit_unknown',
  'confirmation_required',
  'credential_revoked',
  'idempotency_key_reused',
  'preview_changed',
];
const APPROVE: readonly ErrorCode[] = ['pending_trade_not_found'];
const CLOSE: readonly ErrorCode[] = ['position_not_found'];

/** THE list of the tools that /v1 answers to write: each half has an address of its own. */
export const WRITE_ROUTES: readonly WriteRoute[] = [
  { path: 'trades/approve/preview', tool: approvePendingTrade, half: 'preview', errors: APPROVE },
  {
    path: 'trades/approve',
    tool: approvePendingTrade,
    half: 'commit',
    errors: [...APPROVE, ...COMMIT, 'cap_exceeded'],
  },
  { path: 'positions/close/preview', tool: closePosition, half: 'preview', errors: CLOSE },
  { path: 'positions/close', tool: closePosition, half: 'commit', errors: [...CLOSE, ...COMMIT] },
];
