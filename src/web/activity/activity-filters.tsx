import { TOOLS } from '../../tools/registry.js';
import { DateField, FieldError } from '../page/fields.js';
import { ACTION_CHOICES } from './account-actions.js';
import { type ActivityErrors, type ActivityQuery, isFiltered, OUTCOMES } from './activity-query.js';

type Choice = readonly [id: string, name: string];

const TOOL_CHOICES: readonly Choice[] = TOOLS.map(({ name, title }) => [name, title]);

/** What the filter offers. */
export interface FilterChoices {
  readonly tokens: readonly Choice[];
  readonly apps: readonly Choice[];
}

export interface ActivityFiltersProps {
  readonly query: ActivityQuery;
  readonly errors: ActivityErrors;
  readonly choices: FilterChoices;
}

/** Which entries to show; a plain form, so that an address can be kept. */
export function ActivityFilters({ query, errors, choices }: ActivityFiltersProps) {
  const field = (name: keyof ActivityQuery) => ({ name, value: query[name], error: errors[name] });
  return (
    <details class="fold" open={isFiltered(query) || Object.keys(errors).length > 0}>
      <summary>Filter</summary>
      <form class="filters" method="get" action="/settings/activity" novalidate>
        <Select {...field('token')} label="Token" options={choices.tokens} />
        <Select {...field('app')} label="App" options={choices.apps} />
        <Select
          {...field('tool')}
          label="Tool"
          options={TOOL_CHOICES}
          more={{ label: 'By you', options: ACTION_CHOICES }}
        />
        <Select {...field('outcome')} label="Outcome" options={Object.entries(OUTCOMES)} />
        <DateField {...field('from')} label="From (UTC)" />
        <DateField {...field('to')} label="To (UTC)" />
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
  readonly error: string | undefined;
}

interface SelectProps extends FieldProps {
  readonly options: readonly Choice[];
  /** A second group. */
  readonly more?: { readonly label: string; readonly options: readonly Choice[] };
}

function Select({ name, label, value, error, options, more }: SelectProps) {
  const known = value === '' || [...options, ...(more?.options ?? [])].some(([id]) => id === value);
  return (
    <div class={error === undefined ? 'field' : 'field has-error'}>
      <label for={name}>{label}</label>
      {error !== undefined && <FieldError name={name} error={error} />}
      <select id={name} name={name} {...described(name, error)}>
        <option value="">All</option>
        {!known && (
          <option value={value} selected>
            {value}
          </option>
        )}
        <Options of={options} value={value} />
        {more !== undefined && (
          <optgroup label={more.label}>
            <Options of={more.options} value={value} />
          </optgroup>
        )}
      </select>
    </div>
  );
}

function Options({ of, value }: { readonly of: readonly Choice[]; readonly value: string }) {
  return of.map(([id, text]) => (
    <option key={id} value={id} selected={id === value}>
      {text}
    </option>
  ));
}

function described(name: string, error: string | undefined) {
  return error === undefined ? {} : { 'aria-describedby': `${name}-error`, 'aria-invalid': true };
}
