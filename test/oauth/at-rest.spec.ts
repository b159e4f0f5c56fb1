import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser } from './support/browser.js';
import { authorize, authorizeUrl, newVerifier, postForm, redeem, refresh, register, tokensOf } from './support/flow.js';

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

/** Every row of every table, as text: what somebody has who gets hold of a dump. */
async function dump(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const rows = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      texts.push(...rows.rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

describe('a dump of the database', () => {
  it('holds no code, token, user code, verifier, cookie or interaction that could be used', async () => {
    const browser = await new Browser(app).signIn();
    const verifier = newVerifier();
    const { code } = await authorize(app, browser, verifier, { state: 'state-that-is-secret' });
    const first = tokensOf(await redeem(app, code, verifier));
    const second = tokensOf(await refresh(app, first));
    const unused = await authorize(app, browser, verifier);
    const waiting = await browser.form(authorizeUrl(app, verifier));
    const device = await postForm(app, '/oauth/device_authorization', { client_id: 'tradecafe-mcp' });
    await register(app, { client_name: 'Registered here' });
    const text = await dump(environment.database.url);
    const { device_code: deviceCode, user_code: userCode } = device.body as Record<string, string>;
    const secrets = [
      code,
      unused.code,
      verifier,
      first.access,
      first.refresh,
      second.access,
      second.refresh,
      deviceCode!,
      userCode!,
      userCode!.replace('-', ''),
      waiting.action.split('/').at(-1)!,
      browser.cookie('auth')!,
      'state-that-is-secret',
    ];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(7);
      // As text, and as the bytes of a bytea.
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
    }
    // The scan sees what is there: the grant is in the clear.
    expect(text).toContain('tradecafe-mcp');
  });
});
