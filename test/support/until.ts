import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a condition instead of for luck.
 * @param read taken again every 25 ms
 * @returns the first value that satisfies `wanted`; after the bound the last one, so that the test's own assertion tells
 */
export async function until<T>(read: () => T | Promise<T>, wanted: (value: T) => boolean, boundMs = 5_000): Promise<T> {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const value = await read();
    if (wanted(value) || performance.now() > deadline) return value;
    await delay(25);
  }
}
