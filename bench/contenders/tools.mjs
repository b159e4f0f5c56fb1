// The ten tools as the peers serve them: the product's own schemas and handlers over an unguarded upstream, so that nobody's
// tools were written slower than ours.
import { declare } from './declare.mjs';
import { upstream } from './upstream.mjs';

const { TOOLS } = await import(process.env.PRODUCT_TOOLS ?? '../../dist/tools/registry.js');

async function call(tool, args) {
  // Tools that move money are listed and not called: no peer has a safety room.
  if (!('handler' in tool)) return { content: [{ type: 'text', text: 'Not part of the benchmark.' }], isError: true };
  const structured = await tool.handler(args, { upstream });
  return { content: [{ type: 'text', text: JSON.stringify(structured) }], structuredContent: structured };
}

export const tools = TOOLS.map((tool) => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  annotations: tool.annotations,
  input: tool.input,
  output: tool.output,
  call: (args) => call(tool, args),
}));

/** A tool's schemas where a server is made for each request: declared anew, or as they are with SCHEMAS=hoisted. */
export function schemasOf({ input, output }) {
  return process.env.SCHEMAS === 'hoisted' ? { input, output } : { input: declare(input), output: declare(output) };
}
