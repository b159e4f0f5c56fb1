import { TOOLS } from '../../tools/registry.js';
import { type ActivityQuery, OUTCOMES } from './activity-query.js';

/** What the filter offers: id and name. */
export interface FilterChoices {
  readonly tokens: readonly (readonly [id: string, name: string])[];
  readonly apps: readonly (readonly [id: string, name: string])[];
}

export interface ActivityFiltersProps {
  readonly query: ActivityQuery;
  readonly choices: FilterChoices;
}

/** Which entries to show; a plain form, so that an address can be kept. */
export function ActivityFilters({ query, choices }: ActivityFiltersProps) {
  const open = Object.values(query).some((value) => value !== '');
  return (
    <details class="fold" open={open}>
      <summary>Filter</summary>
      <form class="filters" method="get" action="/settings/activity">
        <Select name="token" label="Token" value={query.token} options={choices.tokens} />
        <Select name="app" label="App" value={query.app} options={choices.apps} />
        <Select name="tool" label="Tool" value={query.tool} options={TOOLS.map(({ name, title }) => [name, title])} />
        <Select name="outcome" label="Outcome" value={query.outcome} options={Object.entries(OUTCOMES)} />
        <Day name="from" label="From" value={query.from} />
        <Day name="to" label="To" value={query.to} />
        <p class="actions">
          <button class="button button-quiet" type="submit">
            Show these
          </button>
          <a href="/settings/activity">Show everything</a>
        </p>
      </form>
    </details>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

function Select({
  name,
  label,
  value,
  options,
}: FieldProps & { readonly options: readonly (readonly [string, string])[] }) {
  const known = value === '' || options.some(([id]) => id === value);
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        <option value="">All</option>
        {!known && (
          <option value={value} selected>
            {value}
          </option>
        )}
        {options.map(([id, text]) => (
          <option key={id} value={id} selected={id === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Day({ name, label, value }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label} (UTC)</label>
      <input id={name} name={name} type="date" value={value} />
    </div>
  );
}
