import { getSignalDetails } from '../catalog/get-signal-details.tool.js';
import { signalIds } from '../completions/signal-id.completer.js';
import { defineTemplate } from './resource.js';

export const signal = defineTemplate({
  uriTemplate: 'tradecafe://signals/{signal_id}',
  variable: 'signal_id',
  name: 'signal',
  title: 'One signal',
  description: 'One signal by its signal_id, as get_signal_details returns it.',
  tool: getSignalDetails,
  completer: signalIds,
  args: {},
  freshForMs: 0,
});
