import type { AppError } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/error-table.js';

/** What a person at a browser can do, where the table's advice is for programs. */
const NEXT_IN_A_BROWSER: Partial<Record<ErrorCode, string>> = {
  csrf_failed:
    'Nothing was done. The form belongs to another sign-in than this browser has now: perhaps somebody signed in anew, in another tab. Open the page again with this button, check whose it is, and send it once more.',
  session_required: 'Nothing was done. Sign in, then send it once more: a form that you had filled in opens as it was.',
  unsupported_media_type: 'Use the form on the page.',
  invalid_json: 'Use the form on the page.',
};

export interface ErrorPageProps {
  readonly error: AppError;
  readonly requestId: string;
  /** The way back. */
  readonly back: { readonly href: string; readonly label: string };
}

/** What went wrong in plain words, what to do, and what to tell support. */
export function ErrorPage({ error, requestId, back }: ErrorPageProps) {
  const { title, status, next } = error.entry;
  return (
    <section class="narrow">
      <p class="label">Error {status}</p>
      <h1>{title}</h1>
      {error.detail !== undefined && <p class="lead">{error.detail}</p>}
      <p>{NEXT_IN_A_BROWSER[error.code] ?? next}</p>
      <p class="actions">
        <a class="button" href={back.href}>
          {back.label}
        </a>
      </p>
      <dl class="facts">
        <div>
          <dt class="label">Code</dt>
          <dd>
            <code>{error.code}</code>
          </dd>
        </div>
        <div>
          <dt class="label">Request id</dt>
          <dd>
            <code>{requestId}</code>
          </dd>
        </div>
      </dl>
    </section>
  );
}
