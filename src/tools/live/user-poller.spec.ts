import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AppError } from '../../errors/app-error.js';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.js';
import { UserPoller } from './user-poller.js';

const settings = { ...DEFAULT_LIVE_SETTINGS, jitter: 0 };
const [A, B] = ['tradecafe://a', 'tradecafe://b'];

describe('UserPoller', () => {
  let content: Record<string, string>;
  let fails: Error | undefined;
  let looks: string[];
  let poller: UserPoller;

  beforeEach(() => {
    jest.useFakeTimers();
    content = { [A]: 'a1', [B]: 'b1' };
    fails = undefined;
    looks = [];
    poller = new UserPoller(async (uri) => {
      looks.push(uri);
      await Promise.resolve();
      if (fails !== undefined) throw fails;
      return content[uri]!;
    }, settings);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function listener(...uris: string[]) {
    const told: string[] = [];
    return { uris, told, updated: (uri: string) => void told.push(uri) };
  }

  it('has seen what is there before it says that it listens, and tells nothing of it', async () => {
    const one = listener(A);
    await poller.add(one);
    expect([looks, one.told]).toEqual([[A], []]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(one.told).toEqual([]);
  });

  it('looks once for all who listen, and tells each what it listens to, once a change', async () => {
    const [one, two, both] = [listener(A), listener(B), listener(A, B)];
    await Promise.all([one, two, both].map((each) => poller.add(each)));
    expect(looks.sort()).toEqual([A, B]);
    content[A] = 'a2';
    await jest.advanceTimersByTimeAsync(settings.fastestMs);
    expect(looks).toHaveLength(4);
    expect([one.told, two.told, both.told]).toEqual([[A], [], [A]]);
    await jest.advanceTimersByTimeAsync(settings.fastestMs);
    expect([one.told, two.told, both.told]).toEqual([[A], [], [A]]);
  });

  it('stops when nobody listens, also while a look is under way, and begins afresh', async () => {
    const one = listener(A);
    await poller.add(one);
    poller.remove(one);
    content[A] = 'a2';
    await jest.advanceTimersByTimeAsync(600_000);
    expect([looks.length, poller.idle, jest.getTimerCount()]).toEqual([1, true, 0]);
    const two = listener(A);
    const adding = poller.add(two);
    poller.remove(two);
    await adding;
    await jest.advanceTimersByTimeAsync(600_000);
    expect([looks.length, jest.getTimerCount(), two.told]).toEqual([2, 0, []]);
    // What it saw long ago is no longer held against what is there now.
    const three = listener(A);
    await poller.add(three);
    expect(three.told).toEqual([]);
  });

  it('never looks twice as often after everybody left and somebody came during a look', async () => {
    const one = listener(A);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    poller = new UserPoller(async (uri) => {
      looks.push(uri);
      if (looks.length === 2) await held;
      return content[uri]!;
    }, settings);
    await poller.add(one);
    await jest.advanceTimersByTimeAsync(settings.fastestMs);
    expect(looks).toHaveLength(2);
    poller.remove(one);
    const two = listener(B);
    await poller.add(two);
    release();
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('takes a failure for no change, backs off, and tells of what changed meanwhile', async () => {
    const one = listener(A);
    await poller.add(one);
    fails = new AppError('upstream_unavailable', { retryAfterSeconds: 30 });
    content[A] = 'a2';
    await jest.advanceTimersByTimeAsync(settings.fastestMs);
    expect([looks.length, one.told]).toEqual([2, []]);
    await jest.advanceTimersByTimeAsync(29_999);
    expect(looks).toHaveLength(2);
    fails = undefined;
    await jest.advanceTimersByTimeAsync(1);
    expect([looks.length, one.told]).toEqual([3, [A]]);
  });

  it('is silent after a failure when nothing has changed', async () => {
    const one = listener(A);
    await poller.add(one);
    fails = new Error('not of the table');
    await jest.advanceTimersByTimeAsync(settings.fastestMs);
    fails = undefined;
    await jest.advanceTimersByTimeAsync(600_000);
    expect(one.told).toEqual([]);
    expect(looks.length).toBeGreaterThan(3);
  });

  it('tells who could not be shown anything at first as soon as there is something: it may have changed unseen', async () => {
    fails = new AppError('upstream_timeout');
    const early = listener(A);
    await poller.add(early);
    fails = undefined;
    const late = listener(A);
    await poller.add(late);
    expect([early.told, late.told]).toEqual([[A], []]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect([early.told, late.told]).toEqual([[A], []]);
  });

  it('waits only so long for the first look', async () => {
    poller = new UserPoller(() => new Promise(() => undefined), settings);
    let listening = false;
    void poller.add(listener(A)).then(() => (listening = true));
    await jest.advanceTimersByTimeAsync(settings.firstLookMs - 1);
    expect(listening).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(listening).toBe(true);
  });

  it('looks at no URI any more that its last listener has left', async () => {
    const [one, two] = [listener(A), listener(B)];
    await poller.add(one);
    await poller.add(two);
    poller.remove(one);
    looks = [];
    await jest.advanceTimersByTimeAsync(settings.slowestMs);
    expect(new Set(looks)).toEqual(new Set([B]));
  });
});
