import { describe, expect, it } from '@jest/globals';
import { snippets } from './snippets.js';

const TOKEN = 'tc_pat_000000000000';
const BASE = 'https://api.tradecafe.example';
const text = (id: string): string => snippets(BASE, TOKEN).find((snippet) => snippet.id === id)!.text;

describe('snippets', () => {
  it('adds the server to Claude Code in one line', () => {
    expect(text('claude-code')).toBe(
      `claude mcp add --transport http tradecafe ${BASE}/mcp --header "Authorization: Bearer ${TOKEN}"`,
    );
  });

  it.each([
    ['cursor', 'mcpServers'],
    ['vscode', 'servers'],
  ])('points %s at /mcp with the token as a bearer', (id, root) => {
    const server = (JSON.parse(text(id)) as Record<string, Record<string, unknown>>)[root]?.['tradecafe'];
    expect(server).toMatchObject({ url: `${BASE}/mcp`, headers: { Authorization: `Bearer ${TOKEN}` } });
  });

  it('points the npm client in Claude Desktop at /api', () => {
    const { mcpServers } = JSON.parse(text('claude-desktop')) as { mcpServers: { tradecafe: { env: unknown } } };
    expect(mcpServers.tradecafe.env).toEqual({ TRADECAFE_PAT: TOKEN, TRADECAFE_API_BASE_URL: `${BASE}/api` });
  });

  it('has the whole request for curl, its body valid JSON', () => {
    const body = /-d '(.*)'$/.exec(text('curl'))?.[1];
    expect(JSON.parse(body ?? '')).toMatchObject({ method: 'tools/list' });
    expect(text('curl')).toContain(`-H 'Authorization: Bearer ${TOKEN}'`);
  });

  it('shows a placeholder instead of a token to everybody', () => {
    for (const { text: shown } of snippets(BASE)) expect(shown).toContain('YOUR_TOKEN');
  });
});
