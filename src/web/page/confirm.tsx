import type { ComponentChildren } from 'preact';
import { SCOPES, type Scope } from '../../auth/scopes.js';

export interface ConfirmProps {
  /** What is about to happen, in two or three words. */
  readonly label: string;
  readonly title: ComponentChildren;
  /** What it means. */
  readonly children: ComponentChildren;
  readonly form: {
    readonly action: string;
    readonly csrfToken: string;
    readonly submit: string;
    /** It takes something away. */
    readonly danger?: boolean;
    /** The way out. */
    readonly cancel: { readonly href: string; readonly label: string };
    readonly fields?: ComponentChildren;
  };
}

/** Asks before something is done that cannot be taken back. */
export function Confirm({ label, title, children, form }: ConfirmProps) {
  return (
    <section class="narrow">
      <p class="label">{label}</p>
      <h1>{title}</h1>
      {children}
      <form class="token-form" method="post" action={form.action}>
        <input type="hidden" name="csrf_token" value={form.csrfToken} />
        {form.fields}
        <p class="actions">
          <button class={form.danger === true ? 'button button-danger' : 'button'} type="submit">
            {form.submit}
          </button>
          <a class="button button-quiet" href={form.cancel.href}>
            {form.cancel.label}
          </a>
        </p>
      </form>
    </section>
  );
}

/** What stops working, a sentence for each permission. */
export function Losses({ scopes, who }: { readonly scopes: readonly Scope[]; readonly who: string }) {
  return (
    <>
      <p>What {who} will no longer be able to do:</p>
      <ul>
        {scopes.map((scope) => (
          <li key={scope}>{SCOPES[scope]}</li>
        ))}
      </ul>
    </>
  );
}
