import { getPnlHistory } from '../catalog/get-pnl-history.tool.js';
import { timeframes } from '../completions/fixed.completers.js';
import { defineTemplate } from './resource.js';

export const pnl = defineTemplate({
  uriTemplate: 'tradecafe://pnl/{timeframe}',
  variable: 'timeframe',
  name: 'pnl',
  title: 'Profit and loss',
  description:
    "The user's profit and loss day by day, as get_pnl_history returns it. The timeframe is 7d, 30d, 90d or 365d.",
  tool: getPnlHistory,
  completer: timeframes,
  args: {},
  freshForMs: 60_000,
});
