import { getRecentSignals } from '../catalog/get-recent-signals.tool.js';
import { defineResource } from './resource.js';

export const liveSignals = defineResource({
  uri: 'tradecafe://signals/live',
  name: 'live_signals',
  title: 'Live signals',
  description:
    'The live trading signals as get_recent_signals returns them, at most 100. Can be listened to: TradeCafe is looked at ' +
    'for as long as somebody does, and a change is told.',
  tool: getRecentSignals,
  args: { limit: 100 },
  freshForMs: 0,
  live: true,
});
