import type { ComponentChildren } from 'preact';

export interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly error?: string | undefined;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly inputMode?: 'text' | 'decimal';
  /** Where the page's focus begins: the first field with an error, and no other. */
  readonly autofocus?: boolean;
}

/** One line of text with its label, its hint and, beside it, what is wrong with it. */
export function TextField({ name, label, hint, value, error, ...input }: TextFieldProps) {
  const described = error === undefined ? `${name}-hint` : `${name}-error ${name}-hint`;
  return (
    <div class={error === undefined ? 'field' : 'field has-error'}>
      <label for={name}>{label}</label>
      {error !== undefined && <FieldError name={name} error={error} />}
      <input
        id={name}
        name={name}
        type="text"
        value={value}
        autocomplete="off"
        aria-describedby={described}
        aria-invalid={error !== undefined}
        {...input}
      />
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  );
}

export interface DateFieldProps {
  readonly name: string;
  readonly label: string;
  /** `2026-12-31`; browsers show nothing for a day that does not exist. */
  readonly value: string;
  readonly error?: string | undefined;
}

/** A day of the calendar. */
export function DateField({ name, label, value, error }: DateFieldProps) {
  const described = error === undefined ? {} : { 'aria-describedby': `${name}-error`, 'aria-invalid': true };
  return (
    <div class={error === undefined ? `field field-${name}` : `field field-${name} has-error`}>
      <label for={name}>{label}</label>
      {error !== undefined && <FieldError name={name} error={error} />}
      <input id={name} name={name} type="date" value={value} {...described} />
    </div>
  );
}

export interface FieldsetProps {
  readonly legend: string;
  readonly name: string;
  readonly error?: string | undefined;
  /** What to know before choosing. */
  readonly hint?: string | undefined;
  /** Side by side where there is room. */
  readonly row?: boolean;
  readonly children: ComponentChildren;
}

/** Choices that belong together. */
export function Fieldset({ legend, name, error, hint, row, children }: FieldsetProps) {
  const described = [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(' ');
  return (
    <fieldset class={error === undefined ? 'field' : 'field has-error'} aria-describedby={described || undefined}>
      <legend>{legend}</legend>
      {error !== undefined && <FieldError name={name} error={error} />}
      {hint !== undefined && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <div class={row === true ? 'choices-row' : 'choices-column'}>{children}</div>
    </fieldset>
  );
}

export interface ChoiceProps {
  readonly type: 'radio' | 'checkbox';
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly autofocus?: boolean;
  /** Scopes that a preset stands for; the script reads it. */
  readonly 'data-scopes'?: string;
  readonly children: ComponentChildren;
}

/** A radio button or a box with its label. */
export function Choice({ children, ...input }: ChoiceProps) {
  return (
    <label class="option">
      <input {...input} />
      <span class="option-text">{children}</span>
    </label>
  );
}

/** What is wrong with a field, beside it. */
export function FieldError({ name, error }: { readonly name: string; readonly error: string }) {
  return (
    <p class="field-error" id={`${name}-error`}>
      {error}
    </p>
  );
}
