import { describe, expect, it } from '@jest/globals';
import { absoluteTime, relativeTime } from './times.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const DAY = 86_400;

describe('relativeTime', () => {
  it.each([
    [-5, 'just now'],
    [5, 'in less than a minute'],
    [-60, '1 minute ago'],
    [-59 * 60, '59 minutes ago'],
    [-3600, '1 hour ago'],
    [-36 * 3600, '36 hours ago'],
    [-49 * 3600, '2 days ago'],
    [30 * DAY, 'in 30 days'],
    [90 * DAY, 'in 90 days'],
    [90 * DAY - 2, 'in 90 days'],
    [365 * DAY, 'in 12 months'],
    [3 * 365 * DAY, 'in 3 years'],
  ])('says %i s as "%s"', (seconds, words) => {
    expect(relativeTime(new Date(NOW.getTime() + seconds * 1000), NOW)).toBe(words);
  });
});

describe('absoluteTime', () => {
  it('does not depend on where it runs', () => {
    expect(absoluteTime(NOW)).toBe('1 Mar 2026, 12:00 UTC');
  });
});
