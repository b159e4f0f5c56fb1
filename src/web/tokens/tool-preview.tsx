import { TOOLS } from '../../tools/registry.js';
import type { Tool } from '../../tools/tool.js';

/** Every tool with the permission that opens it; the script leaves those that the chosen permissions open. */
export function ToolPreview() {
  return (
    <details class="fold tool-preview" open>
      <summary>
        <span data-tool-count aria-live="polite">
          Tools, and what opens each
        </span>
      </summary>
      <ul class="tool-list">
        {TOOLS.map((tool) => (
          <li key={tool.name} data-scope={tool.scope}>
            <code>{tool.name}</code>
            <span>
              {tool.title}. {refusals(tool)}
            </span>
            <code class={tool.annotations.readOnlyHint ? 'chip' : 'chip chip-warn'}>{tool.scope}</code>
          </li>
        ))}
      </ul>
      <p>Every other tool is neither listed to this token nor carried out for it.</p>
    </details>
  );
}

function refusals({ name, annotations }: Tool): string {
  if (annotations.readOnlyHint) return 'Changes nothing, and shows nobody else’s data.';
  const capped = name === 'approve_pending_trade' ? ' a trade above your largest one,' : '';
  return `Refuses what was not previewed in the last five minutes,${capped} and everything while you have frozen trading.`;
}
