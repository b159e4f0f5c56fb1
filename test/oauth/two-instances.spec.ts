import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, type Reachable } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { Browser } from './support/browser.js';
import { authorizeUrl, callbackOf, callMcp, newVerifier, redeem, refresh, tokensOf } from './support/flow.js';

let environment: Environment;
let doomed: ServiceProcess;
let survivor: ServiceProcess;
beforeAll(async () => {
  environment = await createEnvironment({ NODE_ENV: 'test', LOG_LEVEL: 'info' });
  doomed = await startServiceProcess(environment.variables);
  survivor = await startServiceProcess({ ...environment.variables, PUBLIC_URL: doomed.url });
}, 90_000);
afterAll(async () => {
  await survivor?.kill('SIGTERM');
  await doomed?.kill('SIGKILL');
  await environment?.drop();
});

/** An instance as the browser sees it: behind one public address. */
const at = ({ url }: ServiceProcess): Reachable => ({ url, config: { publicUrl: doomed.url } });

describe('two instances on one database', () => {
  it('share a flow at every step, and one that is killed in the middle of it is not missed', async () => {
    const first = await new Browser(at(doomed)).signIn();
    const verifier = newVerifier();
    const page = await first.form(authorizeUrl(at(doomed), verifier));
    await doomed.kill('SIGKILL');
    const second = first.movedTo(at(survivor));
    const answer = await second.post(page.action, [...page.fields, ['decision', 'authorize']]);
    const resume = new URL(answer.headers.get('location')!);
    const { query } = callbackOf(await second.request(resume.pathname));
    const tokens = tokensOf(await redeem(at(survivor), query.get('code')!, verifier));
    const next = tokensOf(await refresh(at(survivor), tokens));
    expect((await callMcp(at(survivor), next.access)).status).toBe(200);
  }, 60_000);
});
