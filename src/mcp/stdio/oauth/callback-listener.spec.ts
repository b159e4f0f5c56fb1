import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CallbackListener } from './callback-listener.js';

describe('CallbackListener', () => {
  let listener: CallbackListener;
  beforeEach(async () => {
    listener = await CallbackListener.open('the-state');
  });
  afterEach(() => listener.close());

  const get = (query: string, init?: RequestInit): Promise<Response> => fetch(`${listener.redirectUri}${query}`, init);

  it('is on the loopback address, at the path that is registered', () => {
    expect(listener.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  it('takes the answer with its state, and says so', async () => {
    const response = await get('?code=a%2Bb&state=the-state&iss=https%3A%2F%2Ftradecafe.ai');
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await response.text()).toContain('connected');
    const answer = await listener.answer;
    expect(Object.fromEntries(answer)).toEqual({ code: 'a+b', state: 'the-state', iss: 'https://tradecafe.ai' });
  });

  it('takes a no for an answer', async () => {
    expect(await (await get('?error=access_denied&state=the-state')).text()).toContain('Nothing was allowed');
    expect((await listener.answer).get('error')).toBe('access_denied');
  });

  it.each([
    ['another state', '?code=evil&state=guessed', 400],
    ['no state', '?code=evil', 400],
    ['a text for the page', '?error=<script>alert(1)</script>', 400],
  ])('is not steered by %s', async (_name, query, status) => {
    const response = await get(query);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('script');
    await get('?code=good&state=the-state');
    expect((await listener.answer).get('code')).toBe('good');
  });

  it('knows no other path and no other method', async () => {
    expect((await fetch(new URL('/other?code=a&state=the-state', listener.redirectUri))).status).toBe(404);
    expect((await get('?code=a&state=the-state', { method: 'POST' })).status).toBe(404);
  });
});
