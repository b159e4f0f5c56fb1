import { TOOLS } from '../../tools/registry.js';
import type { Tool } from '../../tools/tool.js';
import { capApplies } from './what-it-opens.js';

/**
 * Every tool with the permission that opens it. The stylesheet leaves those that the chosen permissions open; the script
 * counts them, and names the largest trade as it was typed.
 */
export function ToolPreview() {
  return (
    <details class="fold tool-preview" open>
      <summary>
        <span data-tool-count aria-live="polite">
          The tools that it will see
        </span>
      </summary>
      <ul class="tool-list">
        {TOOLS.map((tool) => (
          <li key={tool.name} data-scope={tool.scope}>
            <code>{tool.name}</code>
            <span>
              {tool.title}. <Refusals of={tool} />
            </span>
            <code class={tool.annotations.readOnlyHint ? 'chip' : 'chip chip-warn'}>{tool.scope}</code>
          </li>
        ))}
      </ul>
      <p>Every other tool is neither listed to this token nor carried out for it.</p>
    </details>
  );
}

function Refusals({ of: tool }: { readonly of: Tool }) {
  if (tool.annotations.readOnlyHint) return <>Changes nothing, and shows nobody else’s data.</>;
  return (
    <>
      Refuses what was not previewed in the last five minutes,
      {capApplies(tool) && (
        <span data-cap-clause>
          {' '}
          trades above <span data-cap>the largest one that you set</span>,
        </span>
      )}
      <span class="asks-clause"> what you do not confirm in your client,</span> and everything while you have frozen
      trading.
    </>
  );
}
