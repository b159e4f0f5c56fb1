import type { Tool } from '../../tools/tool.js';

/** All tools as the registry has them. Roles are stated because narrow screens show the rows as blocks. */
export function ToolTable({ tools }: { readonly tools: readonly Tool[] }) {
  return (
    <table class="stack" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Tool</th>
          <th role="columnheader">What it does</th>
          <th role="columnheader">Permission</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {tools.map(({ name, title, description, scope, annotations }) => (
          <tr key={name} role="row">
            <th role="rowheader" scope="row">
              <code>{name}</code>
            </th>
            <td role="cell">
              <strong>{title}.</strong> {description}
            </td>
            <td role="cell">
              <code class={annotations.readOnlyHint ? 'chip' : 'chip chip-warn'}>{scope}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
