import type { CommitView } from '../../safety/commit-view.js';
import type { FreezeStatus } from '../../safety/freeze.service.js';
import { toolByName } from '../../tools/registry.js';
import type { Section } from '../page/sections.js';
import { Moment } from '../page/moment.js';
import { absoluteTime, relativeTime } from '../page/times.js';

export interface FreezeBarProps {
  readonly status: FreezeStatus;
  readonly csrfToken: string;
  /** Where the browser is afterwards. */
  readonly section: Section;
  /** The page shows something that cannot be shown again: the switch must not take it away. */
  readonly keepPage: boolean;
  readonly now: Date;
}

/** The switch that stops all writes, and how it stands. Each button says what it does, so that pressing twice is harmless. */
export function FreezeBar({ status, csrfToken, section, keepPage, now }: FreezeBarProps) {
  const { frozen_at: frozenAt, in_flight: inFlight } = status;
  const frozen = frozenAt !== null;
  return (
    <section class={frozen ? 'freeze freeze-on' : 'freeze'} aria-label="Emergency stop">
      <div class="freeze-state">
        <p class="freeze-title">{frozen ? 'Frozen: nothing can trade' : 'Trading is on'}</p>
        <p class="freeze-text">
          {frozen ? since(new Date(frozenAt), now) : 'Tokens and apps that may trade can do so.'}
        </p>
      </div>
      <form
        method="post"
        action={frozen ? '/settings/resume' : '/settings/freeze'}
        target={keepPage ? '_blank' : undefined}
      >
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <input type="hidden" name="back" value={section} />
        <button class={frozen ? 'button button-quiet' : 'button button-danger'} type="submit">
          {frozen ? 'Resume trading' : 'Freeze all trading'}
        </button>
      </form>
      {frozen && inFlight.length > 0 && <OnTheirWay commits={inFlight} now={now} />}
    </section>
  );
}

function since(at: Date, now: Date): string {
  return `No token and no app can approve or close a trade since ${absoluteTime(at)} (${relativeTime(at, now)}). Reading goes on.`;
}

function OnTheirWay({ commits, now }: { readonly commits: readonly CommitView[]; readonly now: Date }) {
  return (
    <div class="freeze-in-flight" role="status">
      <p>
        <strong>Sent before you froze, and not to be called back:</strong> their outcome is being looked up. Load this
        page again to see which are left.
      </p>
      <ul>
        {commits.map(({ id, tool, created_at: at }) => (
          <li key={id}>
            {toolByName(tool)?.title ?? tool}, <Moment at={new Date(at)} now={now} />
          </li>
        ))}
      </ul>
    </div>
  );
}
