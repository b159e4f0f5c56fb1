import { describe, expect, it } from '@jest/globals';
import { API_READS, API_WRITES } from './api/api-operations.js';
import { operationsOf, recordedOperation } from './recorded-operations.js';
import { PROMPTS } from './prompts/prompt-registry.js';
import { TOOLS } from './registry.js';
import { RESOURCE_TEMPLATES, RESOURCES } from './resources/resource-registry.js';

const PATHS = [...API_READS.map(({ path }) => `GET /api${path}`), ...API_WRITES.map(({ path }) => `PUT /api${path}`)];

/** What else is recorded, each under the tool that it is a use of. */
const RESOURCE_READS = [
  ...RESOURCES.map(({ uri, tool }) => [`resources/read ${uri}`, tool.name] as const),
  ...RESOURCE_TEMPLATES.map(({ uriTemplate, tool }) => [`resources/read ${uriTemplate}`, tool.name] as const),
];
const COMPLETED = [
  ...PROMPTS.flatMap(({ completers }) => Object.entries(completers)),
  ...RESOURCE_TEMPLATES.map(({ variable, completer }) => [variable, completer] as const),
].flatMap(([argument, completer]) => ('read' in completer ? [`completion/complete ${argument}`] : []));

describe('the table of recorded operations', () => {
  it.each([...TOOLS.map(({ name }) => name), ...PATHS])('has %s', (name) => {
    expect(recordedOperation(name)?.api).toBe(PATHS.includes(name));
  });

  it.each(RESOURCE_READS)('has %s, found under %s', (name, tool) => {
    expect(recordedOperation(name)).toMatchObject({ tools: [tool], words: { reads: expect.any(String) }, api: false });
  });

  it.each([...new Set(COMPLETED), 'subscriptions/listen', 'subscriptions/ended'])('has %s, under some tool', (name) => {
    expect(recordedOperation(name)).toMatchObject({ tools: expect.arrayContaining([expect.any(String)]), api: false });
  });

  it('says of exactly those that write that they write', () => {
    const writes = new Set([
      ...TOOLS.filter((tool) => 'operation' in tool).map(({ name }) => name),
      ...API_WRITES.map(({ path }) => `PUT /api${path}`),
    ]);
    for (const name of [...TOOLS.map((tool) => tool.name), ...PATHS])
      expect([name, 'writes' in recordedOperation(name)!.words]).toEqual([name, writes.has(name)]);
  });

  it('knows nothing else', () => {
    for (const name of ['constructor', 'POST /mcp', 'GET /api/wallet', ''])
      expect(recordedOperation(name)).toBeUndefined();
  });

  it('finds a tool under its own name and those at /api, and every path under some tool', () => {
    expect(operationsOf('close_position')).toEqual(['close_position', 'PUT /api/trade/close/:id']);
    expect(operationsOf('get_account_summary')).toContain('resources/read tradecafe://account');
    const found = new Set(TOOLS.flatMap(({ name }) => operationsOf(name)));
    for (const path of PATHS) expect(found).toContain(path);
  });

  it('takes any other name for itself', () => {
    expect(operationsOf('PUT /api/trade/close/:id')).toEqual(['PUT /api/trade/close/:id']);
  });
});
