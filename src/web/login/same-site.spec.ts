import { describe, expect, it } from '@jest/globals';
import { refuseOtherSites } from './same-site.js';

const URL_OF_OURS = 'https://tradecafe.example';

describe('refuseOtherSites', () => {
  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['our host on another scheme', { origin: 'http://tradecafe.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a neighbour of ours', { 'sec-fetch-site': 'same-site' }],
    ['a stranger', { 'sec-fetch-site': 'cross-site' }],
    ['a stranger with our origin', { origin: URL_OF_OURS, 'sec-fetch-site': 'cross-site' }],
  ])('refuses %s', (_what, headers) => {
    expect(() => refuseOtherSites({ headers }, URL_OF_OURS)).toThrow(expect.objectContaining({ code: 'csrf_failed' }));
  });

  it.each([
    ['our own page', { origin: URL_OF_OURS, 'sec-fetch-site': 'same-origin' }],
    ['our own page in an older browser', { origin: URL_OF_OURS }],
    ['what is no browser', {}],
  ])('lets %s in', (_what, headers) => {
    expect(() => refuseOtherSites({ headers }, URL_OF_OURS)).not.toThrow();
  });
});
