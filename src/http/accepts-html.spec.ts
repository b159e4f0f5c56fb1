import { describe, expect, it } from '@jest/globals';
import { acceptsHtml } from './accepts-html.js';

describe('acceptsHtml', () => {
  it.each([
    [true, 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'],
    [true, 'TEXT/HTML'],
    [true, 'application/json;q=0.5, text/html;q=0.9'],
    [false, 'application/json, text/html;q=0.9'],
    [false, 'application/problem+json, text/html;q=0.2'],
    [false, 'text/html;q=0'],
    [false, 'application/json, text/event-stream'],
    [false, '*/*'],
    [false, ''],
    [false, undefined],
  ])('is %s for %s', (expected, accept) => {
    expect(acceptsHtml({ headers: { accept } })).toBe(expected);
  });
});
