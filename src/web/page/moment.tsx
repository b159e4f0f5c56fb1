import { absoluteTime, relativeTime } from './times.js';

/** A time as people say it; the exact one is there for machines and on pointing. */
export function Moment({ at, now }: { readonly at: Date; readonly now: Date }) {
  return (
    <time datetime={at.toISOString()} title={absoluteTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
