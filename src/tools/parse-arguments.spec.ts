import { describe, expect, it } from '@jest/globals';
import { AppError } from '../errors/app-error.js';
import { parseArguments } from './parse-arguments.js';
import { toolByName } from './registry.js';

const signals = toolByName('get_recent_signals')!;

/** The error of arguments that must not pass. */
function refusal(args: unknown, tool = signals): AppError {
  try {
    parseArguments(tool, args);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('invalid_arguments');
    return error as AppError;
  }
  throw new Error('these arguments passed');
}

describe('parseArguments', () => {
  it('fills in the defaults, also when there are no arguments at all', () => {
    expect(parseArguments(signals, undefined)).toEqual({ limit: 20, include_history: false });
    expect(parseArguments(signals, {})).toEqual({ limit: 20, include_history: false });
  });

  it('names an unknown argument, and what the tool takes', () => {
    const error = refusal({ symbl: 'BTC-USDT' });
    expect(error.detail).toBe(
      'symbl: unknown argument. get_recent_signals takes: symbol, side, limit, include_history.',
    );
    expect(error.data).toEqual({ errors: [{ path: 'symbl', message: 'unknown argument' }] });
  });

  it('says so when a tool takes none', () => {
    expect(refusal({ verbose: true }, toolByName('get_pool_status')).detail).toBe(
      'verbose: unknown argument. get_pool_status takes no arguments.',
    );
  });

  it('names every problem, not only the first', () => {
    const { data } = refusal({ limit: 0, side: 'up', extra: 1, symbol: 'BTC--USDT' });
    expect((data.errors as { path: string }[]).map(({ path }) => path)).toEqual(['symbol', 'side', 'limit', 'extra']);
  });

  it.each([['text'], [7], [true], [[]], [['BTC-USDT']]])('refuses %j in the place of an object', (args) => {
    expect(refusal(args).data.errors).toEqual([{ path: '', message: expect.stringContaining('object') }]);
  });

  it.each(['btc-usdt', 'BTC-', '-USDT', 'BTC-USDT-X', 'BTC/USDT', 'BTC USDT', '', 'A'.repeat(41), 'BTC\n'])(
    'refuses the symbol %j',
    (symbol) => {
      expect(refusal({ symbol }).data.errors).toEqual([{ path: 'symbol', message: expect.any(String) }]);
    },
  );

  it.each([0, 101, 1.5, -1, '20', null, 1e308])('refuses the limit %j', (limit) => {
    expect(refusal({ limit }).detail).toContain('limit');
  });

  it('repeats foreign names only capped and cleaned, and not without end', () => {
    const keys = Array.from({ length: 50 }, (_, i) => `\u202e\u0007${i}${'k'.repeat(500)}`);
    const error = refusal(Object.fromEntries(keys.map((key) => [key, 1])));
    expect(error.data.errors).toHaveLength(10);
    expect(error.detail).not.toMatch(/\p{C}/u);
    expect(error.detail!.length).toBeLessThan(1_200);
  });

  it('does not repeat the value of an argument', () => {
    expect(JSON.stringify(refusal({ side: 'tc_pat_secret', symbol: 'tc_pat_secret' }))).not.toContain('secret');
  });

  it('is not fooled by keys of the prototype', () => {
    expect(refusal(JSON.parse('{"__proto__": {"limit": 5}}')).detail).toContain('__proto__');
  });
});
