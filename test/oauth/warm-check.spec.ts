import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TokenVerifier } from '../../src/auth/bearer/token-verifier.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { connect } from './support/flow.js';
import { statementsDuring, warmCosts } from './warm-check.js';

let environment: Environment;
let app: TestApp;
let access: string;
let pat: string;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  access = (await connect(app)).access;
  pat = (await mintToken(app)).token;
});
afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const check = (fresh = false) => app.service.app.get(TokenVerifier).verify(access, { resource: 'mcp', fresh });

describe('the check of an access token', () => {
  it('asks the database when it is cold, and never when it is warm', async () => {
    expect(await statementsDuring(() => check(true))).toBe(1);
    const warm = await statementsDuring(async () => {
      for (let turn = 0; turn < 500; turn += 1) await check();
    });
    expect(warm).toBe(0);
  });

  it('costs warm what a personal access token costs, within the same run', async () => {
    const [oauth, personal] = await warmCosts(app, [access, pat]);
    expect(oauth!.micros / personal!.micros).toBeLessThan(2);
  }, 60_000);
});
