import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../errors/app-error.js';
import { PersonName } from './person-name.js';

describe('PersonName', () => {
  it('asks once for each person', async () => {
    const asked: string[] = [];
    const names = new PersonName({
      describe: (id) => Promise.resolve({ username: `name of ${asked.push(id) && id}` }),
    });
    expect([await names.of('a'), await names.of('a'), await names.of('b')]).toEqual([
      'name of a',
      'name of a',
      'name of b',
    ]);
    expect(asked).toEqual(['a', 'b']);
  });

  it.each<[string, () => Promise<{ username: string | null } | undefined>]>([
    ['nobody is known', () => Promise.resolve(undefined)],
    ['there is no name', () => Promise.resolve({ username: null })],
    ['TradeCafe is away', () => Promise.reject(new AppError('upstream_unavailable'))],
    ['TradeCafe hangs', () => new Promise(() => undefined)],
  ])('is the id when %s', async (_what, answer) => {
    expect(await new PersonName({ describe: answer }).of('usr_1')).toBe('usr_1');
  });

  it('hides no mistake of ours', async () => {
    const names = new PersonName({ describe: () => Promise.reject(new TypeError('x')) });
    await expect(names.of('usr_1')).rejects.toThrow(TypeError);
  });
});
