import { describe, expect, it } from '@jest/globals';
import { installLinks } from './install-links.js';

const [cursor, vscode] = installLinks('https://api.tradecafe.example', 'tc_pat_x').map(({ href }) => href);
const SERVER = { url: 'https://api.tradecafe.example/mcp', headers: { Authorization: 'Bearer tc_pat_x' } };

describe('installLinks', () => {
  it('gives Cursor a name and its configuration in base64', () => {
    const { searchParams } = new URL(cursor!);
    expect(searchParams.get('name')).toBe('tradecafe');
    expect(JSON.parse(Buffer.from(searchParams.get('config')!, 'base64').toString())).toEqual(SERVER);
  });

  it('gives VS Code one JSON object', () => {
    const [address, query] = vscode!.split('?');
    expect(address).toBe('vscode:mcp/install');
    expect(JSON.parse(decodeURIComponent(query!))).toEqual({ name: 'tradecafe', type: 'http', ...SERVER });
  });
});
