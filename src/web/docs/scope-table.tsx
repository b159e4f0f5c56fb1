import { ALL_SCOPES, READ_SCOPES, SCOPES } from '../../auth/scopes.js';

/** Each scope with its one sentence. */
export function ScopeTable() {
  return (
    <table class="stack" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Permission</th>
          <th role="columnheader">Lets a client</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {ALL_SCOPES.map((scope) => (
          <tr key={scope} role="row">
            <th role="rowheader" scope="row">
              <code class={READ_SCOPES.includes(scope) ? 'chip' : 'chip chip-warn'}>{scope}</code>
            </th>
            <td role="cell">{SCOPES[scope]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
