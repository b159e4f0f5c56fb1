import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AUTHORIZATION } from './attacks/authorization.js';
import { BEARER } from './attacks/bearer.js';
import { CLIENTS } from './attacks/clients.js';
import { CONSENT } from './attacks/consent.js';
import { OPERATION } from './attacks/operation.js';
import { TOKEN_ENDPOINT } from './attacks/token-endpoint.js';
import { type Attack, createWorld, type World } from './attacks/world.js';

/** The checklist: every attack with the answer it must get, against the running service. */
const ATTACKS: readonly Attack[] = [
  ...AUTHORIZATION,
  ...TOKEN_ENDPOINT,
  ...CONSENT,
  ...CLIENTS,
  ...BEARER,
  ...OPERATION,
].sort((a, b) => a.no - b.no);

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 60_000);
afterAll(() => world?.close());

describe('attacks that must fail', () => {
  it('none of the 55 is left out', () => {
    expect(ATTACKS.map(({ no }) => no)).toEqual(Array.from({ length: 55 }, (_, index) => index + 1));
  });

  it.each(ATTACKS)('($no) $what: $gets', ({ test }) => test(world), 60_000);
});
