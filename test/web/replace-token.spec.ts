import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { shownToken, statusAtMcp, TokenPages, TOKENS } from './token-pages.js';

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

const rotatePath = (id: string): string => `${TOKENS}/${id}/rotate`;
const rotate = (id: string, grace_minutes: string): Promise<Response> =>
  pages.browser.post(rotatePath(id), pages.form({ grace_minutes }));

describe('rotating', () => {
  it('shows a new token, and lets the old one live for the grace', async () => {
    const { id, token } = await mintToken(app, { name: 'Rotated' });
    expect(await (await pages.browser.get(rotatePath(id))).text()).toContain('<bdi>Rotated</bdi>');
    const answer = await rotate(id, '60');
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain('The old one works until');
    expect([await statusAtMcp(app, token), await statusAtMcp(app, shownToken(html)!)]).toEqual([200, 200]);
  });

  it('offers no second replacement for one that lives on for its grace', async () => {
    const { id } = await mintToken(app, { name: 'In its grace' });
    await rotate(id, '1440');
    const list = await pages.list();
    expect(list).not.toContain(`href="${rotatePath(id)}"`);
    expect(list).toContain(`href="${TOKENS}/${id}/revoke"`);
    expect(list).toContain('Another one was made in its place.');
  });

  it('ends the old one at once when there is no grace', async () => {
    const { id, token } = await mintToken(app, { name: 'Leaked', expires_in_days: 30 });
    expect(await (await rotate(id, '0')).text()).toContain('The old one has ended.');
    expect(await statusAtMcp(app, token)).toBe(401);
  });

  it.each(['0', '60'])(
    'is done once: reloading with a grace of %s says where the secret is, and why',
    async (grace) => {
      const name = `Reloaded ${grace}`;
      const { id } = await mintToken(app, { name });
      await rotate(id, grace);
      const replacement = (await pages.tokens()).find((token) => token.name === name && token.id !== id)!;
      const again = await rotate(id, grace);
      expect(again.status).toBe(409);
      for (const html of [await again.text(), await (await pages.browser.get(rotatePath(id))).text()]) {
        expect(html).toContain('This token was replaced already');
        expect(html).toContain(`<bdi>${name}</bdi> (<code>${replacement.hint}</code>)`);
        expect(html).toContain('cannot be shown again');
        expect(html).toContain(`href="${rotatePath(replacement.id)}"`);
        expect(html).not.toMatch(/tc_pat_[0-9A-Za-z]{20}/);
      }
      expect((await pages.tokens()).filter((token) => token.name === name)).toHaveLength(2);
    },
  );

  it('makes one token of two forms at once', async () => {
    const { id } = await mintToken(app, { name: 'Twice at once' });
    const answers = await Promise.all([rotate(id, '0'), rotate(id, '0')]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect((await pages.tokens()).filter(({ name }) => name === 'Twice at once')).toHaveLength(2);
  });

  it.each([['x'], ['-1'], ['1441'], ['']])('says beside the field that "%s" is no grace', async (grace) => {
    const { id, token } = await mintToken(app, { name: 'Unharmed' });
    const answer = await rotate(id, grace);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('id="grace_minutes-error"');
    expect(await statusAtMcp(app, token)).toBe(200);
  });

  it('of one that has ended says so', async () => {
    const { id } = await mintToken(app, { name: 'Over' });
    await pages.browser.post(`${TOKENS}/${id}/revoke`, pages.form());
    expect((await pages.browser.get(rotatePath(id))).headers.get('location')).toBe(TOKENS);
    const answer = await rotate(id, '0');
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain('This token was revoked or has expired.');
  });

  it("finds nobody else's token, and needs the CSRF field", async () => {
    const { id, token } = await mintToken(app, { user: 'demo2' });
    expect((await pages.browser.get(rotatePath(id))).status).toBe(404);
    expect((await rotate(id, '0')).status).toBe(404);
    expect((await pages.browser.post(rotatePath(id), [])).status).toBe(403);
    expect(await statusAtMcp(app, token)).toBe(200);
  });
});
