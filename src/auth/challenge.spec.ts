import { describe, expect, it } from '@jest/globals';
import { scopeChallenge, tokenChallenge } from './challenge.js';

const urls = { apiPublicUrl: 'https://api.example' };
const READ = 'read:account read:signals read:positions read:billing read:pool read:referrals';

describe('the challenge', () => {
  it('tells a caller without a token where to get one, for the six read scopes', () => {
    expect(tokenChallenge(urls, 'mcp', false)).toBe(
      `Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource/mcp", scope="${READ}"`,
    );
  });

  it('says invalid_token only when there was one', () => {
    expect(tokenChallenge(urls, 'v1', true)).toBe(
      `Bearer error="invalid_token", resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1", scope="${READ}"`,
    );
  });

  it('asks for the scopes held and the one needed', () => {
    const challenge = scopeChallenge(urls, 'mcp', new Set(['read:pool', 'read:account'] as const), 'write:trades');
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="read:account read:pool write:trades"');
  });
});
