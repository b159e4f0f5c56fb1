import { describe, expect, it, jest } from '@jest/globals';
import { errors, interactionPolicy, Provider } from './oidc-library.js';

describe('the parts of the OAuth library', () => {
  it('are what its entry gives, but for what that says about older versions of Node.js', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const entry = await import('oidc-provider');
      expect(entry.Provider).toBe(Provider);
      expect(entry.default).toBe(Provider);
      expect({ ...entry.errors }).toEqual({ ...errors });
      expect({ ...entry.interactionPolicy }).toEqual({ ...interactionPolicy });
      for (const [said] of warn.mock.calls) expect(said).toContain('Unsupported runtime');
    } finally {
      warn.mockRestore();
    }
  });
});
