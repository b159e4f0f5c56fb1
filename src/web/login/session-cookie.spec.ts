import { describe, expect, it } from '@jest/globals';
import { sessionCookie } from './session-cookie.js';

const at = (publicUrl: string) => ({ publicUrl, session: { cookie: 'auth', jwksUrl: undefined, loginUrl: '/login' } });

describe('sessionCookie', () => {
  it('is out of reach of scripts and of other sites', () => {
    expect(sessionCookie(at('http://127.0.0.1:3000'), 'a.b.c', 60)).toBe(
      'auth=a.b.c; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    );
  });

  it('never travels in the clear where the service is reached by https', () => {
    expect(sessionCookie(at('https://tradecafe.example'), '', 0)).toBe(
      'auth=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    );
  });
});
