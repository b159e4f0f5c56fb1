import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../logging/logger.js';
import { LazyBackend, type StartedApplication } from './lazy-backend.js';

const logger = createLogger({ logLevel: 'silent' }, 2);
const URL = 'http://mock.invalid/mcp';

/** An application that fails to start as often as it is told, and counts. */
function application(failures: number) {
  const counts = { starts: 0, closes: 0 };
  const start = async (): Promise<StartedApplication> => {
    counts.starts += 1;
    await Promise.resolve();
    if (counts.starts <= failures) throw new Error('no room on the disk');
    return { fetch: async () => new Response('ok'), close: async () => void (counts.closes += 1) };
  };
  return { counts, backend: new LazyBackend(start, logger) };
}

describe('LazyBackend', () => {
  it('starts once, however many need it, and closes what it started', async () => {
    const { counts, backend } = application(0);
    expect([backend.isReady(), counts.starts]).toEqual([false, 0]);
    backend.prepare();
    await Promise.all([backend.fetch(URL), backend.fetch(URL)]);
    expect([backend.isReady(), counts]).toEqual([true, { starts: 1, closes: 0 }]);
    await backend.close();
    expect(counts.closes).toBe(1);
  });

  it('says why it does not start, and tries again for the next one', async () => {
    const { counts, backend } = application(1);
    await expect(backend.fetch(URL)).rejects.toMatchObject({
      code: 'backend_unreachable',
      detail: 'no room on the disk',
    });
    expect(backend.isReady()).toBe(false);
    expect(await (await backend.fetch(URL)).text()).toBe('ok');
    expect(counts.starts).toBe(2);
  });

  it('is closed only when it has started: a start that is under way is waited for', async () => {
    const { counts, backend } = application(0);
    await backend.close();
    expect(counts).toEqual({ starts: 0, closes: 0 });
    backend.prepare();
    await backend.close();
    expect(counts).toEqual({ starts: 1, closes: 1 });
  });
});
