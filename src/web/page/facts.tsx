import type { ComponentChildren } from 'preact';

/** Short facts side by side, each under its label. */
export function Facts({ children }: { readonly children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt class="label">{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
