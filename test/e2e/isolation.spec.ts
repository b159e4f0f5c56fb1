import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOOLS } from '../../src/tools/registry.js';
import {
  createEnvironment,
  type Environment,
  mintToken,
  sessionFetch,
  startApp,
  type TestApp,
} from '../support/app.js';
import { legacyClient, type McpClient, modernClient } from '../support/mcp.js';

let environment: Environment;
let app: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const READS = TOOLS.filter((tool) => tool.annotations.readOnlyHint && tool.name !== 'get_signal_details').map(
  ({ name }) => name,
);

async function everything(client: McpClient): Promise<string> {
  const answers = await Promise.all(
    READS.map((name) => client.call(name, name === 'get_recent_signals' ? { include_history: true } : {})),
  );
  return JSON.stringify(answers.map((answer) => answer.structuredContent ?? answer));
}

describe('two users', () => {
  it("never see each other's data, however their calls interleave", async () => {
    const clients = await Promise.all([
      legacyClient(app.url, (await mintToken(app, { user: 'demo' })).token),
      modernClient(app.url, (await mintToken(app, { user: 'demo2' })).token),
      modernClient(app.url, (await mintToken(app, { user: 'demo' })).token),
      legacyClient(app.url, (await mintToken(app, { user: 'demo2' })).token),
    ]);
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(clients.map(everything));
      for (const [index, answer] of answers.entries()) {
        const [own, foreign] =
          index % 2 === 0 ? ['usr_demo_8f3a91', 'usr_demo_2b7c44'] : ['usr_demo_2b7c44', 'usr_demo_8f3a91'];
        // Booleans: the answers are too long to read in a failure.
        expect([index, answer.includes(own), answer.includes(foreign)]).toEqual([index, true, false]);
      }
      expect([answers[0] === answers[2], answers[1] === answers[3]]).toEqual([true, true]);
    }
    await Promise.all(clients.map((client) => client.close()));
  });

  it('a foreign token is a 404 like one that is not there', async () => {
    const { id } = await mintToken(app, { user: 'demo' });
    const call = await sessionFetch(app, 'demo2');
    expect((await call('DELETE', `/v1/tokens/${id}`)).status).toBe(404);
    expect((await call('POST', `/v1/tokens/${id}/rotate`, {})).status).toBe(404);
    expect((await call('DELETE', '/v1/tokens/not-an-id')).status).toBe(404);
    const { tokens } = (await (await call('GET', '/v1/tokens')).json()) as { tokens: { id: string }[] };
    expect(tokens.map((token) => token.id)).not.toContain(id);
  });
});
