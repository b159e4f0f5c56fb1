import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a condition.
 * @returns milliseconds it took
 * @throws Error naming what was waited for, after `withinMs`
 */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > withinMs) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await delay(10);
  }
  return performance.now() - start;
}
