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

export interface FieldsetProps {
  readonly legend: string;
  readonly name: string;
  readonly error?: string | undefined;
  /** Side by side where there is room. */
  readonly row?: boolean;
  readonly children: ComponentChildren;
}

/** Choices that belong together. */
export function Fieldset({ legend, name, error, row, children }: FieldsetProps) {
  return (
    <fieldset class={error === undefined ? 'field' : 'field has-error'} aria-describedby={error && `${name}-error`}>
      <legend>{legend}</legend>
      {error !== undefined && <FieldError name={name} error={error} />}
      <div class={row === true ? 'choices-row' : 'choices-column'}>{children}</div>
    </fieldset>
  );
}

export interface ChoiceProps {
  readonly type: 'radio' | 'checkbox';
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
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

function FieldError({ name, error }: { readonly name: string; readonly error: string }) {
  return (
    <p class="field-error" id={`${name}-error`}>
      {error}
    </p>
  );
}
