import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintSession } from '../../src/auth/session/session-token.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { createEnvironment, type Environment, startApp, type TestApp } from '../support/app.js';
import { Browser, type Field, type FormPage } from './support/browser.js';
import { authorizeUrl, callbackOf, newVerifier, postForm, redeem } from './support/flow.js';

const SCOPE = 'read:account read:positions write:trades';
const DEMO = 'usr_demo_8f3a91';

let environment: Environment;
let app: TestApp;
/** The same service, where no session is young enough to hand out trading. */
let strict: TestApp;
beforeAll(async () => {
  environment = await createEnvironment();
  app = await startApp(environment);
  strict = await startApp(environment, { WRITE_GRANT_MAX_SESSION_AGE: '0s' });
});
afterAll(async () => {
  await app?.close();
  await strict?.close();
  await environment?.drop();
});

/** A way to a consent form: of an authorization, or of a device. */
interface Asked {
  readonly browser: Browser;
  readonly page: FormPage;
  readonly verifier: string;
  /** What `next` must say after signing in, up to the draft. */
  readonly path: string;
}

async function authorization(of: TestApp, scope = SCOPE): Promise<Asked> {
  const browser = await new Browser(of).signIn();
  const verifier = newVerifier();
  const page = await browser.form(authorizeUrl(of, verifier, { scope }));
  return { browser, page, verifier, path: page.action };
}

async function device(of: TestApp, scope = SCOPE): Promise<Asked> {
  const { body } = await postForm(of, '/oauth/device_authorization', { client_id: 'tradecafe-mcp', scope });
  const userCode = String(body['user_code']);
  const browser = await new Browser(of).signIn();
  const first = await browser.form(`/oauth/device?user_code=${userCode}`);
  const page = await browser.read(await browser.post('/oauth/device', first.fields));
  return { browser, page, verifier: '', path: `/oauth/device?user_code=${userCode}` };
}

/** Fields of a page with some of them replaced. */
function filledIn(page: FormPage, changes: Readonly<Record<string, readonly string[]>>): Field[] {
  return [
    ...page.fields.filter(([name]) => changes[name] === undefined),
    ...Object.entries(changes).flatMap(([name, values]) => values.map((value): Field => [name, value])),
  ];
}

const AUTHORIZE = { decision: ['authorize'] };
const MY_CHOICE = {
  scopes: ['read:account', 'write:trades'],
  max_trade_usdt: ['250.50'],
  write_policy: ['human_required'],
};
const OTHERS = (fields: readonly Field[]) =>
  fields.filter(([name]) => ['scopes', 'max_trade_usdt', 'write_policy', 'read_only'].includes(name));

/** The element that an id stands on. */
const elementOf = (text: string, id: string): string => new RegExp(`<[^>]* id="${id}"[^>]*>`).exec(text)?.[0] ?? '';

describe.each([
  ['an authorization', authorization],
  ['a device', device],
])('the consent form of %s', (_what, begin) => {
  it.each(['1,000', '1.000,50', '-1', '0', '1e9', 'many', '0x10', '1.234', '１００'])(
    'comes back as it was filled in, with what is wrong beside the amount, for %s',
    async (amount) => {
      const { browser, page } = await begin(app);
      const fields = filledIn(page, { ...MY_CHOICE, max_trade_usdt: [amount], ...AUTHORIZE });
      const answer = await browser.read(await browser.post(page.action, fields));
      expect(answer.status).toBe(422);
      expect(answer.action).toBe(page.action);
      expect(OTHERS(answer.fields)).toEqual([
        ['scopes', 'read:account'],
        ['scopes', 'write:trades'],
        ['write_policy', 'human_required'],
        ['max_trade_usdt', amount],
      ]);
      const input = elementOf(answer.text, 'max_trade_usdt');
      expect(input).toContain('aria-invalid="true"');
      expect(input).toContain('aria-describedby="max_trade_usdt-error max_trade_usdt-hint"');
      expect(input).toContain('autofocus');
      expect(answer.text).toMatch(/id="max_trade_usdt-error">Write an amount above 0 [^<]*no separators/);
      expect(answer.text).toContain('<title>Error: ');
      expect(answer.text.match(/ autofocus/g)).toHaveLength(1);
    },
  );

  it('comes back for nothing ticked, and the answer to that is taken', async () => {
    const { browser, page } = await begin(app);
    const fields = filledIn(page, { scopes: [], ...AUTHORIZE });
    const answer = await browser.read(await browser.post(page.action, fields));
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/id="scopes-error">Tick at least one permission/);
    expect(answer.text).toMatch(/<fieldset class="field has-error" aria-describedby="scopes-error">/);
    expect(answer.text).toMatch(/<input[^>]*name="scopes"[^>]*autofocus/);
    const taken = await browser.post(answer.action, filledIn(answer, { scopes: ['read:account'], ...AUTHORIZE }));
    expect([200, 303]).toContain(taken.status);
  });

  it('grants nothing on the way', async () => {
    const { browser, page } = await begin(app);
    const before = await grants();
    for (const [field, values] of [['scopes', []] as const, ['max_trade_usdt', ['1,000']] as const]) {
      await browser.post(page.action, filledIn(page, { [field]: values, ...AUTHORIZE }));
    }
    expect(await grants()).toBe(before);
  });

  it.each([['none'], ['yes'], ['authorize,authorize']])('is refused with the decision %s', async (decision) => {
    const { browser, page, path } = await begin(app);
    const decisions = decision === 'none' ? [] : decision.split(',');
    const answer = await browser.post(page.action, filledIn(page, { decision: decisions }));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`href="${app.config.publicUrl}${escaped(path)}`);
  });

  it('offers to sign in again and come back, or to go on without trading, when the sign-in is too old', async () => {
    const { browser, page, path, verifier } = await begin(strict);
    const signIn = `href="/login?next=${encodeURIComponent(path)}"`;
    expect(page.text).toContain(signIn);
    expect(page.text).toContain('Authorize without trading');
    expect(page.text).toMatch(/<input[^>]*value="write:trades"[^>]*disabled/);
    const forced = filledIn(page, { scopes: ['read:account', 'write:trades'], ...AUTHORIZE });
    const answer = await browser.read(await browser.post(page.action, forced));
    expect(answer.status).toBe(422);
    expect(answer.text).toMatch(/id="scopes-error">You signed in too long ago/);
    expect(answer.text).toContain(signIn);
    expect(OTHERS(answer.fields)).toEqual([['scopes', 'read:account']]);
    const back = await browser.press(answer, 'authorize');
    if (verifier === '') return;
    const redeemed = await redeem(strict, callbackOf(back).query.get('code')!, verifier);
    expect(redeemed.body['scope']).toBe('read:account');
  });

  it('has no yes to give when trading is all that was asked for', async () => {
    const { page } = await begin(strict, 'write:trades');
    expect(page.text).not.toMatch(/value="authorize"/);
    expect(page.text).toMatch(/value="cancel"/);
  });

  it.each([
    ['the session has ended', async (browser: Browser) => browser.setCookie('auth', ''), 401],
    [
      'the session has expired',
      async (browser: Browser) =>
        browser.setCookie('auth', await mintSession(DEMO, environment.variables['SESSION_JWT_SECRET']!, -60)),
      401,
    ],
    ['another sign-in happened meanwhile', (browser: Browser) => browser.signIn('demo2'), 403],
  ])('opens again as it was filled in after signing in, when %s', async (_when, happens, status) => {
    const { browser, page, path } = await begin(app);
    await happens(browser);
    const refused = await browser.post(page.action, filledIn(page, { ...MY_CHOICE, ...AUTHORIZE }));
    expect(refused.status).toBe(status);
    const link = unescaped(/class="button" href="([^"]*)"/.exec(await refused.text())![1]!);
    const address = status === 401 ? await signInBy(browser, link) : link;
    expect(address.replace(app.config.publicUrl, '')).toMatch(new RegExp(`^${path.replace('?', '\\?')}[?&]draft=1&`));
    let again = await browser.form(address);
    if (again.text.includes('Which code')) again = await browser.read(await browser.post(again.action, again.fields));
    expect(OTHERS(again.fields)).toEqual([
      ['scopes', 'read:account'],
      ['scopes', 'write:trades'],
      ['write_policy', 'human_required'],
      ['max_trade_usdt', '250.50'],
    ]);
    const done = await browser.post(again.action, filledIn(again, AUTHORIZE));
    expect([200, 303]).toContain(done.status);
  });

  it('takes nothing of what another site sent into the address that leads back', async () => {
    const { browser, page } = await begin(app);
    const fields = filledIn(page, { ...MY_CHOICE, ...AUTHORIZE });
    const answer = await browser.post(page.action, fields, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain('250.50');
  });

  it('stays while TradeCafe cannot be asked about the user', async () => {
    const { browser, page } = await begin(app);
    environment.sandbox.control.fault({ path: `/user/${DEMO}`, kind: 'status', status: 503, times: 20 });
    try {
      const answer = await browser.read(
        await browser.post(page.action, filledIn(page, { ...MY_CHOICE, ...AUTHORIZE })),
      );
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('TradeCafe cannot be reached right now.');
      expect(answer.fields).toContainEqual(['max_trade_usdt', '250.50']);
    } finally {
      environment.sandbox.control.reset();
    }
  });
});

describe('the code of a device', () => {
  it('is asked for again beside the field, as it was typed', async () => {
    const browser = await new Browser(app).signIn();
    const first = await browser.form('/oauth/device');
    const answer = await browser.read(
      await browser.post('/oauth/device', filledIn(first, { user_code: ['bbbb bbbb'] })),
    );
    expect(answer.status).toBe(422);
    expect(answer.fields).toContainEqual(['user_code', 'bbbb bbbb']);
    expect(elementOf(answer.text, 'user_code')).toMatch(
      /aria-invalid="true".*autofocus|autofocus.*aria-invalid="true"/,
    );
    expect(answer.text).toMatch(/id="user_code-error">That code is not known/);
  });
});

/** Follows a page's link to the login page and signs in. @returns where that leads */
async function signInBy(browser: Browser, link: string): Promise<string> {
  const next = new URL(link, app.config.publicUrl).searchParams.get('next')!;
  const answer = await browser.post('/login', [
    ['user', 'demo'],
    ['next', next],
  ]);
  return answer.headers.get('location')!;
}

async function grants(): Promise<number> {
  return app.service.app.get(PrismaService).oauthGrant.count();
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;');
const unescaped = (text: string): string => text.replaceAll('&amp;', '&');
