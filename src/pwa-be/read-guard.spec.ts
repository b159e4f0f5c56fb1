import { describe, expect, it } from '@jest/globals';
import { Cancellation } from './cancellation.js';
import { ReadGuard } from './read-guard.js';

const LIMITS = { maxConcurrent: 2, maxQueued: 1, breakAfter: 3, halfOpenAfterMs: 2_500 };

interface Job {
  readonly outcome: Promise<unknown>;
  readonly finish: () => void;
}

function job(guard: ReadGuard, started: string[], name: string, caller = new Cancellation()): Job {
  let finish = (): void => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const work = async (): Promise<string> => {
    started.push(name);
    await gate;
    return name;
  };
  return { outcome: guard.run(work, caller).catch((error: unknown) => error), finish };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('ReadGuard', () => {
  it('runs so many at once, queues so many, and refuses the rest', async () => {
    const guard = new ReadGuard(LIMITS);
    const started: string[] = [];
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => job(guard, started, name)) as [Job, Job, Job, Job];
    expect(await d.outcome).toMatchObject({ code: 'upstream_unavailable', retryAfterSeconds: 3 });
    expect(started).toEqual(['a', 'b']);
    a.finish();
    await a.outcome;
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    b.finish();
    c.finish();
    expect(await Promise.all([a.outcome, b.outcome, c.outcome])).toEqual(['a', 'b', 'c']);
  });

  it('does not start what was given up in the queue', async () => {
    const guard = new ReadGuard({ ...LIMITS, maxConcurrent: 1 });
    const started: string[] = [];
    const caller = new Cancellation();
    const first = job(guard, started, 'first');
    const second = job(guard, started, 'second', caller);
    caller.cancel();
    first.finish();
    expect(await second.outcome).toMatchObject({ reason: 'cancelled', sent: false });
    expect(started).toEqual(['first']);
  });

  it('a full queue does not open the circuit', async () => {
    const guard = new ReadGuard(LIMITS);
    const started: string[] = [];
    const jobs = Array.from({ length: 20 }, (_, index) => job(guard, started, String(index)));
    jobs.forEach(({ finish }) => finish());
    await Promise.all(jobs.map(({ outcome }) => outcome));
    const next = job(guard, started, 'next');
    next.finish();
    expect(await next.outcome).toBe('next');
  });
});
