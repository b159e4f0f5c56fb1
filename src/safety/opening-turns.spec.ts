import { describe, expect, it } from '@jest/globals';
import { OpeningTurns } from './opening-turns.js';

/** An action that ends when the test says so, and tells how many run beside it. */
class Work {
  running = 0;
  most = 0;
  readonly order: string[] = [];
  private readonly ends: (() => void)[] = [];

  readonly action = (name: string) => async (): Promise<string> => {
    this.order.push(name);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await new Promise<void>((resolve) => this.ends.push(resolve));
    this.running -= 1;
    return name;
  };

  async finishAll(count: number): Promise<void> {
    for (let ended = 0; ended < count;) {
      const end = this.ends.shift();
      if (end !== undefined) {
        end();
        ended += 1;
      }
      await new Promise(setImmediate);
    }
  }
}

describe('OpeningTurns', () => {
  it('runs one of a user at a time, in order, and gives every caller its own result', async () => {
    const turns = new OpeningTurns();
    const work = new Work();
    const all = Promise.all(['1', '2', '3'].map((name) => turns.run('u', work.action(name))));
    await work.finishAll(3);
    expect([await all, work.most, work.order]).toEqual([['1', '2', '3'], 1, ['1', '2', '3']]);
  });

  it('runs four users at once and no more; who floods does not hold up the others', async () => {
    const turns = new OpeningTurns();
    const work = new Work();
    const flood = Array.from({ length: 20 }, (_, index) => turns.run('flooder', work.action(`f${index}`)));
    const others = ['a', 'b', 'c', 'd', 'e'].map((user) => turns.run(user, work.action(user)));
    await new Promise(setImmediate);
    expect(work.order).toEqual(['f0', 'a', 'b', 'c']);
    await work.finishAll(25);
    expect(work.most).toBe(4);
    await Promise.all([...flood, ...others]);
  });

  it('a failure passes the turn on', async () => {
    const turns = new OpeningTurns();
    const failing = turns.run('u', () => Promise.reject(new Error('no')));
    const next = turns.run('u', () => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });

  it('does not wait for ever', async () => {
    const turns = new OpeningTurns();
    const work = new Work();
    const first = turns.run('u', work.action('first'));
    await expect(turns.run('u', work.action('second'))).rejects.toMatchObject({ code: 'overloaded' });
    expect(work.order).toEqual(['first']);
    await work.finishAll(1);
    await first;
  });
});
