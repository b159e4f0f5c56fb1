// The part of screenshots.mjs for the pages of the authorization server: consent and device, in each of their states.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const TWO_DAYS_S = 48 * 60 * 60;
const SCOPES = 'read:account read:signals read:positions';

/**
 * @param page signed in as the demo user
 * @param base address of the service
 * @param sessionSecret with which it verifies the site's sessions
 * @param take what takes the picture of the open page: `(page, name) => Promise`
 */
export async function takeOauth(page, base, sessionSecret, take) {
  const client = await startClient();
  const redirect = `http://127.0.0.1:${client.address().port}/callback`;
  const post = async (path, body) => (await fetch(`${base}${path}`, { method: 'POST', ...body })).json();
  const form = (fields) => ({ body: new URLSearchParams(fields) });
  const register = (metadata) =>
    post('/oauth/register', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [redirect], ...metadata }),
    });
  const open = async (scope, clientId = 'tradecafe-mcp', redirectUri = redirect) => {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      state: 'screenshots',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      resource: `${base}/mcp`,
    });
    await page.goto(`${base}/oauth/authorize?${query}`);
    return verifier;
  };
  /** Says yes, and has the client take its tokens: only then is there a permission. */
  const allow = async (scope, clientId) => {
    const verifier = await open(scope, clientId);
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL('**/callback?**');
    const code = new URL(page.url()).searchParams.get('code');
    const grant = { grant_type: 'authorization_code', code, code_verifier: verifier };
    return post('/oauth/token', form({ ...grant, client_id: clientId, redirect_uri: redirect }));
  };

  try {
    await open(SCOPES);
    await take(page, 'consent');
    await open(`${SCOPES} write:trades`);
    await take(page, 'consent-write');
    await page.getByLabel('Largest trade').fill('1,000');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await take(page, 'consent-amount-error');
    await open(SCOPES);
    for (const box of await page.locator('input[name="scopes"]').all()) await box.uncheck();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await take(page, 'consent-scopes-error');

    const redirects = [redirect, 'https://app.example/callback'];
    const stranger = await register({ client_name: 'TradeCafe official assistant', redirect_uris: redirects });
    await open(`${SCOPES} write:trades`, stranger.client_id, redirects[1]);
    await take(page, 'consent-unverified');
    const { access_token: token } = await allow(SCOPES, stranger.client_id);
    await fetch(`${base}/mcp`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    await open(`${SCOPES} write:trades`, stranger.client_id);
    await take(page, 'consent-again');
    for (let machine = 0; machine < 2; machine += 1) await allow(SCOPES, 'tradecafe-mcp');
    await open(SCOPES);
    await take(page, 'consent-again-shared');

    const { user_code: code } = await post(
      '/oauth/device_authorization',
      form({ client_id: 'tradecafe-mcp', scope: SCOPES, resource: `${base}/mcp` }),
    );
    await page.goto(`${base}/oauth/device`);
    await take(page, 'device');
    await page.getByLabel('Code').fill('BBBB-BBBB');
    await page.getByRole('button', { name: 'Continue' }).click();
    await take(page, 'device-error');
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await take(page, 'device-confirm');
    await page.getByRole('button', { name: 'Authorize' }).click();
    await take(page, 'device-done');
    await page.goto(`${base}/oauth/authorize?client_id=nobody`);
    await take(page, 'authorize-error');
    await page.goto(`${base}/oauth/interaction/gone`);
    await take(page, 'consent-expired');

    const session = (await page.context().cookies(base)).find(({ name }) => name === 'auth');
    await open(`${SCOPES} write:trades`);
    await page.context().addCookies([{ ...session, value: aged(session.value, sessionSecret) }]);
    await page.reload();
    await take(page, 'consent-old-session');
    await page.context().clearCookies({ name: 'auth' });
    await page.getByRole('button', { name: 'Authorize without trading' }).click();
    await take(page, 'consent-signed-out');
    await page.context().addCookies([session]);
  } finally {
    client.close();
    client.closeAllConnections();
  }
}

/** The listener that a client on this computer waits at. */
async function startClient() {
  const server = createServer((_request, response) => response.end('Back at the client'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The same session, as if its sign-in had been two days earlier. */
function aged(jwt, secret) {
  const [head, body] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const older = Buffer.from(JSON.stringify({ ...claims, iat: claims.iat - TWO_DAYS_S })).toString('base64url');
  const signature = createHmac('sha256', secret).update(`${head}.${older}`).digest('base64url');
  return `${head}.${older}.${signature}`;
}
