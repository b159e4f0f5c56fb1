import { runProgram } from '../run-program.js';
import type { Tools } from '../tools.js';
import type { ForeignClient } from './clients.js';

const BOUND_MS = 60_000;

/** The MCP Inspector's command line, in one protocol era. @param home where it may keep what it likes */
export function inspector(tools: Tools, url: string, era: 'legacy' | 'modern', home: string): ForeignClient {
  const run = async (token: string, ...what: string[]): Promise<Record<string, unknown>> => {
    const connection = ['--cli', url, '--transport', 'http', '--protocol-era', era];
    const identity = ['--header', `Authorization: Bearer ${token}`, '--stored-auth-only', '--quiet'];
    const args = [tools.inspector, ...connection, ...identity, ...what];
    const { code, stdout, stderr } = await runProgram(tools.node, args, BOUND_MS, { HOME: home });
    if (code !== 0) throw new Error(`exit code ${code}: ${(stderr || stdout).slice(0, 500)}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  return {
    name: `inspector (${era})`,
    list: async (token) => {
      const { tools: listed } = await run(token, '--method', 'tools/list');
      return (listed as { name: string }[]).map(({ name }) => name);
    },
    summary: async (token) =>
      (await run(token, '--method', 'tools/call', '--tool-name', 'get_account_summary'))['structuredContent'],
  };
}
