import type { ReferenceEntry, ReferenceField } from './reference.js';

/** Every address of /v1: what it takes, what it needs, and what may be wrong. */
export function ReferenceList({ entries }: { readonly entries: readonly ReferenceEntry[] }) {
  return (
    <div class="fold-list">
      {entries.map(({ id, method, path, summary, description, needs, fields, errors }) => (
        <details key={id} class="fold" id={`op-${id}`}>
          <summary>
            <code>
              {method} {path}
            </code>{' '}
            {summary}
          </summary>
          {description === undefined ? null : <p>{description}</p>}
          <p>
            Needs <code class={needs.startsWith('write:') ? 'chip chip-warn' : 'chip'}>{needs}</code>
          </p>
          {fields.length === 0 ? null : <FieldTable fields={fields} />}
          <p>
            Errors:{' '}
            {errors.map(({ status, codes }) => (
              <span key={status}>
                {status} {codes.join(', ')}.{' '}
              </span>
            ))}
          </p>
        </details>
      ))}
    </div>
  );
}

function FieldTable({ fields }: { readonly fields: readonly ReferenceField[] }) {
  return (
    <table class="stack" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">Field</th>
          <th role="columnheader">Form</th>
          <th role="columnheader">Meaning</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {fields.map(({ name, place, required, form, description }) => (
          <tr key={`${place} ${name}`} role="row">
            <th role="rowheader" scope="row">
              <code>{name}</code>
            </th>
            <td role="cell">
              {place}
              {required ? ', required' : ''}; {form}
            </td>
            <td role="cell">{description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
