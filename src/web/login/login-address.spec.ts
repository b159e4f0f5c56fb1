import { describe, expect, it } from '@jest/globals';
import { loginAddress } from './login-address.js';

const at = (loginUrl: string) => ({
  publicUrl: 'https://tradecafe.example',
  session: { cookie: 'auth', jwksUrl: undefined, loginUrl },
});

describe('loginAddress', () => {
  it('names the way back as a path, encoded', () => {
    expect(loginAddress(at('/login'), '/settings/tokens?a=b&c=d')).toBe(
      '/login?next=%2Fsettings%2Ftokens%3Fa%3Db%26c%3Dd',
    );
  });

  it('keeps what the login page already has in its query', () => {
    expect(loginAddress(at('https://tradecafe.example/in?lang=en'), '/x')).toBe(
      'https://tradecafe.example/in?lang=en&next=%2Fx',
    );
  });

  it('names the way back absolutely for a login page on another host', () => {
    const url = new URL(loginAddress(at('https://accounts.example/login'), '/settings/tokens'));
    expect(url.origin).toBe('https://accounts.example');
    expect(url.searchParams.get('next')).toBe('https://tradecafe.example/settings/tokens');
  });
});
