import { z } from 'zod';
import { ALL_SCOPES, type Scope } from '../auth/scopes.js';
import type { WriteOperation } from '../safety/write-operation.js';
import { approvePendingTrade } from './catalog/approve-pending-trade.tool.js';
import { closePosition } from './catalog/close-position.tool.js';
import { getAccountSummary } from './catalog/get-account-summary.tool.js';
import { getPnlHistory } from './catalog/get-pnl-history.tool.js';
import { getPoolStatus } from './catalog/get-pool-status.tool.js';
import { getPositions } from './catalog/get-positions.tool.js';
import { getRecentSignals } from './catalog/get-recent-signals.tool.js';
import { getReferralStats } from './catalog/get-referral-stats.tool.js';
import { getSignalDetails } from './catalog/get-signal-details.tool.js';
import { getSubscriptionStatus } from './catalog/get-subscription-status.tool.js';
import { type Icon, iconsOf } from './icons.js';
import type { Tool, ToolAnnotations } from './tool.js';

/** THE list of tools, in the order in which every listing shows them. */
export const TOOLS: readonly Tool[] = [
  getAccountSummary,
  getRecentSignals,
  getSignalDetails,
  getPositions,
  getPnlHistory,
  getPoolStatus,
  getSubscriptionStatus,
  getReferralStats,
  approvePendingTrade,
  closePosition,
];

/** What the tools can write, for the safety room. */
export const writeOperations: readonly WriteOperation[] = TOOLS.flatMap((tool) =>
  'operation' in tool ? [tool.operation] : [],
);

const BY_NAME: ReadonlyMap<string, Tool> = new Map(TOOLS.map((tool) => [tool.name, tool]));

/** The tool of that name, if there is one. */
export function toolByName(name: string): Tool | undefined {
  return BY_NAME.get(name);
}

/** A JSON Schema of type object, in the words that drafts 07 and 2020-12 share. */
interface ObjectSchema {
  readonly type: 'object';
  readonly [keyword: string]: unknown;
}

/** What a listing says about a tool. */
export interface PublishedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  readonly annotations: ToolAnnotations;
  readonly icons: readonly Icon[];
}

/** All tools as published, in order. Made once: building schemas is what makes an MCP server slow. */
export const publishedTools: readonly PublishedTool[] = TOOLS.map((tool) => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: jsonSchema(tool.input, 'input'),
  outputSchema: jsonSchema(tool.output, 'output'),
  annotations: tool.annotations,
  icons: iconsOf(tool.scope),
}));

const byScopes = new Map<string, readonly PublishedTool[]>();

/** The published tools that these scopes may call, in order. The same scopes give the same array. */
export function toolsFor(scopes: ReadonlySet<Scope>): readonly PublishedTool[] {
  const key = ALL_SCOPES.filter((scope) => scopes.has(scope)).join(' ');
  const known = byScopes.get(key);
  if (known !== undefined) return known;
  const tools = publishedTools.filter((_, index) => scopes.has(TOOLS[index]!.scope));
  byScopes.set(key, tools);
  return tools;
}

/**
 * A tool's schema as clients get it. Without `$schema`: MCP's default is 2020-12 anyway, and validators that clients in
 * the field use refuse a dialect they do not know by its name, whatever the schema says.
 */
function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return { ...rest, type: 'object' };
}
