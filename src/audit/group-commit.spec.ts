import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GroupCommit, type GroupCommitOptions } from './group-commit.js';

/** A store whose every write waits for the test to end it. */
class FakeStore {
  readonly writes: { items: number[]; again: boolean; end: (error?: Error) => void }[] = [];
  private seen = 0;

  write = (batch: readonly number[], again: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      this.writes.push({
        items: [...batch],
        again,
        end: (error) => (error === undefined ? resolve() : reject(error)),
      });
    });

  /** The next write that begins. */
  async next() {
    const deadline = Date.now() + 5_000;
    while (this.writes.length <= this.seen) {
      if (Date.now() > deadline) throw new Error('no write began');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return this.writes[this.seen++]!;
  }
}

async function fill(group: GroupCommit<number>, ...items: number[]): Promise<void> {
  for (const item of items) await group.add(item);
}

const away = new Error('away');
const refused = new Error('refused');

describe('GroupCommit', () => {
  let store: FakeStore;
  let lost: number[];
  let retries: number;

  beforeEach(() => {
    store = new FakeStore();
    lost = [];
    retries = 0;
  });

  const make = (options: Partial<GroupCommitOptions<number>> = {}): GroupCommit<number> =>
    new GroupCommit<number>({
      write: store.write,
      isAway: (error) => error === away,
      onRetry: () => retries++,
      onLost: (item) => lost.push(item),
      capacity: 5,
      batchSize: 3,
      lingerMs: 1,
      patienceMs: 30,
      ...options,
    });

  it('has one write in flight; the next takes all that queued meanwhile, up to a batch', async () => {
    const group = make();
    expect(group.add(1)).toBeUndefined();
    const first = await store.next();
    for (const item of [2, 3, 4, 5]) expect(group.add(item)).toBeUndefined();
    expect(store.writes).toHaveLength(1);
    first.end();
    const second = await store.next();
    expect([first.items, second.items]).toEqual([[1], [2, 3, 4]]);
    second.end();
    const third = await store.next();
    expect(third.items).toEqual([5]);
    third.end();
    await group.drain(1_000);
    expect(store.writes).toHaveLength(3);
  });

  it('lets the first item wait for company', async () => {
    const group = make({ lingerMs: 20 });
    await fill(group, 1);
    await new Promise((resolve) => setImmediate(resolve));
    await fill(group, 2);
    const write = await store.next();
    expect(write.items).toEqual([1, 2]);
    write.end();
    await group.drain(1_000);
  });

  it('makes callers wait when it is full, counting what is being written, and lets them in by turns', async () => {
    const group = make({ patienceMs: 5_000 });
    await fill(group, 1, 2, 3, 4, 5);
    const order: number[] = [];
    const waiting = [6, 7].map((item) => Promise.resolve(group.add(item)).then(() => order.push(item)));
    const write = await store.next();
    expect(order).toEqual([]);
    write.end();
    await Promise.all(waiting);
    expect(order).toEqual([6, 7]);
    const drained = group.drain(1_000);
    (await store.next()).end();
    (await store.next()).end();
    await drained;
    expect(store.writes.flatMap(({ items }) => items)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('tells a caller that waited in vain, and does not take its item', async () => {
    const group = make();
    await fill(group, 1, 2, 3, 4, 5);
    await expect(group.add(6)).rejects.toMatchObject({ code: 'overloaded' });
    const drained = group.drain(1_000);
    (await store.next()).end();
    (await store.next()).end();
    await drained;
    expect(store.writes.flatMap(({ items }) => items)).toEqual([1, 2, 3, 4, 5]);
  });

  it('tries the same items again while the store is away, and says that they may be there', async () => {
    const group = make();
    await fill(group, 1);
    (await store.next()).end(away);
    const again = await store.next();
    expect(again).toMatchObject({ items: [1], again: true });
    again.end();
    await fill(group, 2);
    const after = await store.next();
    expect(after).toMatchObject({ items: [2], again: false });
    after.end();
    await group.drain(1_000);
    expect({ lost, retries }).toEqual({ lost: [], retries: 1 });
  });

  it('does not let one item that is refused take its neighbours with it', async () => {
    const write = jest.fn(async (batch: readonly number[]) => {
      if (batch.includes(2)) throw refused;
    });
    const group = make({ write });
    await fill(group, 1, 2, 3);
    await group.drain(5_000);
    expect(lost).toEqual([2]);
    const written = write.mock.calls.filter((_, i) => write.mock.results[i]!.type === 'return').map(([batch]) => batch);
    expect(written).toContainEqual([1]);
    expect(written).toContainEqual([3]);
    expect(write.mock.calls.filter(([batch]) => batch.length === 1 && batch[0] === 2)).toHaveLength(3);
  });

  it('remembers when it falls back to single items that they may be there', async () => {
    const group = make();
    await fill(group, 1, 2);
    (await store.next()).end(away);
    (await store.next()).end(refused);
    const single = await store.next();
    expect(single).toMatchObject({ items: [1], again: true });
    single.end();
    (await store.next()).end();
    await group.drain(1_000);
  });

  it('drains without lingering, and reports what it could not write in time', async () => {
    const write = jest.fn(() => Promise.reject(away));
    const group = make({ write, lingerMs: 60_000 });
    await fill(group, 1, 2);
    const startedAt = Date.now();
    await group.drain(250);
    expect(lost).toEqual([1, 2]);
    expect(write.mock.calls.length).toBeGreaterThan(1);
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });

  it('ends a long pause between attempts when it is drained', async () => {
    const group = make();
    await fill(group, 1);
    for (let i = 0; i < 3; i++) (await store.next()).end(away);
    const drained = group.drain(5_000);
    const write = await store.next();
    write.end();
    await drained;
    expect(lost).toEqual([]);
  });

  it('drains at once when there is nothing', async () => {
    await make().drain(1_000);
    expect(store.writes).toEqual([]);
  });
});
