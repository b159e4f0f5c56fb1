import type { TokenRequest } from '../../auth/pat/new-token.js';
import { TOOLS } from '../../tools/registry.js';
import type { Tool } from '../../tools/tool.js';
import type { TokensNotice } from './tokens-notice.js';

const LIST = new Intl.ListFormat('en');

/** Whether a token's largest trade limits this tool; closing a position is never limited. */
export function capApplies({ name }: Pick<Tool, 'name'>): boolean {
  return name === 'approve_pending_trade';
}

/** What a token like this would see and refuse, for who asks before it is made: the form's list in one sentence each. */
export function whatItOpens({ scopes, maxTradeUsdt, writePolicy }: TokenRequest): TokensNotice {
  const tools = TOOLS.filter(({ scope }) => scopes.includes(scope));
  const title = `Nothing was created yet. As you filled it in, this token would see ${tools.length} of ${TOOLS.length} tools.`;
  const limits = [
    'what was not previewed in the last five minutes',
    ...(typeof maxTradeUsdt === 'number' && maxTradeUsdt > 0 ? [`approvals above ${maxTradeUsdt} USDT`] : []),
    ...(writePolicy === 'human_required' ? ['what you do not confirm in your client'] : []),
    'everything while you have frozen trading',
  ];
  const names = tools.length === 0 ? [] : [`${LIST.format(tools.map((tool) => tool.title))}.`];
  const trades = tools.some(({ annotations }) => !annotations.readOnlyHint);
  const refused = trades ? `Of trades it refuses ${LIST.format(limits)}.` : 'It can change nothing.';
  return { kind: 'warning', title, text: [...names, refused].join(' ') };
}
