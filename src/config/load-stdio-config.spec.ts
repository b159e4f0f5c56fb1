import { describe, expect, it } from '@jest/globals';
import { loadStdioConfig } from './load-stdio-config.js';
import { ConfigError } from './read-variables.js';

const LIVE = { TRADECAFE_MODE: 'live' };

describe('loadStdioConfig', () => {
  it.each([
    ['TRADECAFE_MODE', 'paper'],
    ['TRADECAFE_PAT', 'eyJhbGciOiJIUzI1NiJ9.e30.x'],
    ['TRADECAFE_PAT', 'tc_pat_\u2026'],
    ['TRADECAFE_PAT', 'tc_rt_a'],
    ['TRADECAFE_API_BASE_URL', 'api.tradecafe.ai'],
    ['TRADECAFE_API_BASE_URL', 'http://api.tradecafe.ai'],
    ['TRADECAFE_API_BASE_URL', 'ftp://127.0.0.1'],
    ['TRADECAFE_AUTH_URL', 'http://tradecafe.ai/oauth/authorize'],
    ['TRADECAFE_TOKEN_URL', 'javascript:alert(1)'],
    ['TRADECAFE_CLIENT_ID', 'two words'],
    ['TRADECAFE_SCOPES', 'read:account "x"'],
    ['TRADECAFE_SCOPES', '   '],
    ['TRADECAFE_REQUEST_TIMEOUT_MS', '99'],
    ['TRADECAFE_REQUEST_TIMEOUT_MS', 'ten'],
    ['TRADECAFE_WRITE_POLICY', 'never'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s, names it, and does not repeat it', (name, value) => {
    expect(() => loadStdioConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => loadStdioConfig({ [name]: value })).toThrow(`${name} is not usable: `);
    expect(() => loadStdioConfig({ [name]: value })).not.toThrow(`=${value}`);
  });

  it('refuses one endpoint without the other, and a policy that only mock mode has', () => {
    const one = { TRADECAFE_AUTH_URL: 'https://tradecafe.ai/oauth/authorize' };
    expect(() => loadStdioConfig(one)).toThrow('TRADECAFE_AUTH_URL and TRADECAFE_TOKEN_URL belong together');
    expect(() => loadStdioConfig({ ...LIVE, TRADECAFE_WRITE_POLICY: 'token_only' })).toThrow('mock mode only');
  });

  it.each([
    [{}, 'mock'],
    [{ TRADECAFE_MODE: '' }, 'mock'],
    [{ TRADECAFE_MODE: 'Mock', TRADECAFE_PAT: 'tc_pat_a', TRADECAFE_API_BASE_URL: 'http://127.0.0.1:3000' }, 'mock'],
    [{ TRADECAFE_SCOPES: 'read:account', TRADECAFE_REQUEST_TIMEOUT_MS: '5000' }, 'mock'],
    [{ TRADECAFE_MODE: 'LIVE' }, 'live'],
    [{ TRADECAFE_PAT: 'tc_pat_a' }, 'live'],
    [{ TRADECAFE_API_BASE_URL: 'http://127.0.0.1:3000' }, 'live'],
  ])('%j means %s', (environment: NodeJS.ProcessEnv, mode) => {
    expect(loadStdioConfig(environment).mode).toBe(mode);
  });

  it.each([
    ['https://api.tradecafe.ai', 'https://api.tradecafe.ai/mcp'],
    ['https://api.tradecafe.ai/', 'https://api.tradecafe.ai/mcp'],
    ['http://127.0.0.1:3000/api', 'http://127.0.0.1:3000/mcp'],
    ['http://localhost:3000/mcp/', 'http://localhost:3000/mcp'],
    ['https://proxy.example/tradecafe', 'https://proxy.example/tradecafe/mcp'],
  ])('the endpoint of %s is %s', (base, endpoint) => {
    expect(loadStdioConfig({ TRADECAFE_API_BASE_URL: base })).toMatchObject({ endpoint });
  });

  it('has the defaults of the public client', () => {
    expect(loadStdioConfig(LIVE)).toEqual({
      mode: 'live',
      endpoint: 'https://api.tradecafe.ai/mcp',
      pat: undefined,
      oauth: { clientId: 'tradecafe-mcp', scopes: undefined, endpoints: undefined },
      requestTimeoutMs: 10_000,
      logLevel: 'warn',
    });
  });
});
