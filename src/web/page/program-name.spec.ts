import { describe, expect, it } from '@jest/globals';
import { programName } from './program-name.js';

const WEBKIT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

describe('programName', () => {
  it.each([
    ['@tradecafe-ai/mcp/1.1.0', 'The npm client'],
    ['claude-code 2.1.0', 'Claude Code'],
    ['claude-ai 0.1.0', 'Claude'],
    ['Visual Studio Code 1.99.0', 'VS Code'],
    ['curl/8.5.0', 'curl'],
    [`${WEBKIT} Chrome/150.0.0.0 Safari/537.36`, 'Chrome'],
    [`${WEBKIT} HeadlessChrome/150.0.0.0 Safari/537.36`, 'Chrome'],
    [`${WEBKIT} Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0`, 'Edge'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox'],
    ['Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/604.1', 'Safari'],
    ['claudette 1', undefined],
    ['my claude-code', undefined],
    ['', undefined],
  ])('knows %s as %s', (claim, name) => {
    expect(programName(claim)).toBe(name);
  });
});
