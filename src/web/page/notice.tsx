import type { ComponentChildren } from 'preact';

export interface NoticeProps {
  /** `done` reports a success, `warning` what deserves care, `error` what went wrong. */
  readonly kind: 'done' | 'warning' | 'error';
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** A framed message; errors are announced to screen readers at once. */
export function Notice({ kind, title, children }: NoticeProps) {
  return (
    <div class={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : kind === 'done' ? 'status' : undefined}>
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}
