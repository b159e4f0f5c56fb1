import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { completed, spawnTypeScript, startServiceProcess } from '../support/service-process.js';

const CREATE = ['create', '--user', DEMO_USER.id, '--name', 'operator', '--scopes', 'read:account'];

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

const tokens = (args: readonly string[], variables: Readonly<Record<string, string>> = environment.variables) =>
  completed(spawnTypeScript('src/cli/tokens.ts', args, variables));

/** The code that /mcp refuses a token with; undefined: it lets it in. */
async function refusal(url: string, token: string): Promise<unknown> {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  return response.status === 401 ? response.text() : undefined;
}

describe("the operator's command beside a running server", () => {
  it('mints a token that works, alone on standard output; revokes it, effective at once', async () => {
    const created = await tokens([...CREATE, '--expires-in-days', '30']);
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tc_pat_[0-9A-Za-z]{50}\n$/) });
    const token = created.stdout.trim();
    expect(created.stderr).not.toContain(token);
    expect(await refusal(app.url, token)).toBeUndefined();

    const listed = await tokens(['list', '--user', DEMO_USER.id]);
    expect(listed.stdout).toContain('operator');
    expect(listed.stdout).not.toContain(token);

    const [id] = listed.stdout.split('\t');
    expect(await tokens(['revoke', '--id', id!])).toMatchObject({ code: 0, stdout: '' });
    expect(await refusal(app.url, token)).toContain('token_revoked');
  }, 120_000);

  it("revokes all of a user's tokens", async () => {
    const created = await tokens(CREATE);
    const token = created.stdout.trim();
    expect(await refusal(app.url, token)).toBeUndefined();
    expect(await tokens(['revoke', '--user', DEMO_USER.id])).toMatchObject({ code: 0, stdout: '' });
    expect(await refusal(app.url, token)).toContain('token_revoked');
  }, 120_000);

  it.each<[string, string[], number, RegExp]>([
    ['a wrong command', ['mint'], 2, /create, list or revoke/],
    ['an unknown scope', [...CREATE, '--scopes', 'read:everything'], 2, /scopes must be among/],
    ['an unknown user', CREATE.with(2, 'usr_nobody'), 1, /does not know this user/],
  ])(
    'says what is wrong with %s',
    async (_, args, code, message) => {
      const answer = await tokens(args);
      expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
      expect(answer.stderr).not.toMatch(/^ +at /m);
    },
    120_000,
  );
});

describe("the operator's command on an embedded database", () => {
  it('starts it when no server runs, and uses the running one otherwise', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tradecafe-cli-'));
    const variables = { DATA_DIR: dataDir, TRADECAFE_MODE: 'mock', LOG_LEVEL: 'info' };
    try {
      const before = await tokens(CREATE, variables);
      expect(before).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tc_pat_/) });
      const server = await startServiceProcess(variables);
      try {
        const beside = await tokens(CREATE.with(2, SECOND_DEMO_USER.id), variables);
        expect(beside).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tc_pat_/) });
        for (const { stdout } of [before, beside]) expect(await refusal(server.url, stdout.trim())).toBeUndefined();
      } finally {
        await server.kill('SIGTERM');
      }
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 90_000);
});
