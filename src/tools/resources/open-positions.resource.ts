import { getPositions } from '../catalog/get-positions.tool.js';
import { defineResource } from './resource.js';

export const openPositions = defineResource({
  uri: 'tradecafe://positions/open',
  name: 'open_positions',
  title: 'Open positions',
  description:
    "The user's open positions as get_positions returns them, at most 200. Can be listened to: TradeCafe is looked at " +
    'for as long as somebody does, and a change is told.',
  tool: getPositions,
  args: { status: 'open', limit: 200 },
  freshForMs: 0,
  live: true,
});
