import { Moment } from '../page/moment.js';
import { programName } from '../page/program-name.js';
import type { TokenView } from './token-view.js';

export interface LastUseProps {
  readonly of: Pick<TokenView, 'lastUsedAt' | 'lastUsedIp' | 'lastUsedClient'>;
  readonly now: Date;
}

/** When, from where and by what program; the program's name is its own claim. */
export function LastUse({ of: { lastUsedAt, lastUsedIp, lastUsedClient }, now }: LastUseProps) {
  if (lastUsedAt === null) return <>Never</>;
  return (
    <>
      <Moment at={lastUsedAt} now={now} />
      {lastUsedIp !== null && <span class="from"> from {lastUsedIp}</span>}
      {lastUsedClient !== null && (
        <span class="from">
          {' '}
          by <bdi title={lastUsedClient}>{programName(lastUsedClient) ?? lastUsedClient}</bdi>
        </span>
      )}
    </>
  );
}
