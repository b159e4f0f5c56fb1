import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { statusAtMcp, TokenPages, TOKENS } from './token-pages.js';

let environment: Environment;
let app: TestApp;
let pages: TokenPages;

beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  pages = await TokenPages.open(app);
});

afterAll(async () => {
  await app?.close();
  await environment?.drop();
});

const revokePath = (id: string): string => `${TOKENS}/${id}/revoke`;

describe('revoking', () => {
  it('asks first, says what stops working, and changes nothing until then', async () => {
    const token = await pages.create({ name: 'Asked first' });
    const answer = await pages.browser.get(revokePath(await pages.idOf('Asked first')));
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain('Revoke <bdi>Asked first</bdi>?');
    expect(html).toContain('See your Trading Pool stakes');
    expect(await statusAtMcp(app, token)).toBe(200);
  });

  it('ends the token at once, goes back to the list and says so', async () => {
    const token = await pages.create({ name: 'Ended' });
    const id = await pages.idOf('Ended');
    const answer = await pages.browser.post(revokePath(id), pages.form());
    expect(answer.status).toBe(303);
    expect(await statusAtMcp(app, token)).toBe(401);
    const html = await (await pages.browser.get(answer.headers.get('location')!)).text();
    expect(html).toContain('“Ended” is revoked.');
    expect(html).not.toContain(revokePath(id));
    expect((await pages.browser.get(revokePath(id))).headers.get('location')).toBe(TOKENS);
  });

  it('claims no revocation that did not happen', async () => {
    await pages.create({ name: 'Still alive' });
    for (const id of [await pages.idOf('Still alive'), 'x', '%3Cb%3E']) {
      expect(await (await pages.browser.get(`${TOKENS}?revoked=${id}`)).text()).not.toContain('is revoked.');
    }
  });

  it('needs the CSRF field', async () => {
    const token = await pages.create({ name: 'Protected' });
    const path = revokePath(await pages.idOf('Protected'));
    expect((await pages.browser.post(path, [])).status).toBe(403);
    expect((await pages.browser.post(path, pages.form(), { origin: 'https://evil.example' })).status).toBe(403);
    expect(await statusAtMcp(app, token)).toBe(200);
  });

  it("finds nobody else's token, and no token by a strange id", async () => {
    const { id, token } = await mintToken(app, { user: 'demo2', name: 'Not yours' });
    expect(await pages.list()).not.toContain('Not yours');
    for (const path of [revokePath(id), revokePath('x'), revokePath('00000000-0000-4000-8000-000000000000')]) {
      const asked = await pages.browser.get(path);
      expect(asked.status).toBe(404);
      expect(await asked.text()).toContain('not_found');
      expect((await pages.browser.post(path, pages.form())).status).toBe(404);
    }
    expect(await statusAtMcp(app, token)).toBe(200);
  });
});
