import type { AppError } from '../../errors/app-error.js';
import { browserWords } from './browser-words.js';
import { Fact, Facts } from './facts.js';
import type { WayBack } from './way-back.js';

export interface ErrorPageProps {
  readonly error: AppError;
  readonly requestId: string;
  readonly back: WayBack;
}

/** What went wrong in plain words, what to do, and what to tell support. */
export function ErrorPage({ error, requestId, back }: ErrorPageProps) {
  const { title, next } = browserWords(error);
  return (
    <section class="narrow">
      <p class="label">Error {error.entry.status}</p>
      <h1>{title}</h1>
      <p class="lead">{next}</p>
      <p class="actions">
        <a class="button" href={back.href}>
          {back.label}
        </a>
      </p>
      <Facts>
        {error.detail !== undefined && <Fact label="Detail">{error.detail}</Fact>}
        <Fact label="Code">
          <code>{error.code}</code>
        </Fact>
        <Fact label="Request id">
          <code>{requestId}</code>
        </Fact>
      </Facts>
    </section>
  );
}
