import { setTimeout as delay } from 'node:timers/promises';
import { extractWWWAuthenticateParams } from '@modelcontextprotocol/client';
import { AppError } from '../../../errors/app-error.js';
import type { Fetch } from '../backend/backend.js';
import { ATTENDED_HEADER, withBearer } from '../backend/bearer-fetch.js';
import type { Challenge, Credential } from './credential.js';

/** Hosts give up on a call after a minute: before that, the model hears what it is waiting for. */
const WAIT_MS = 45_000;

/**
 * Sends requests with the person's access token. A 401 renews it, and asks the person when it cannot be renewed; a 403
 * that asks for more scopes asks them too (MCP 2026-07-28, Authorization, Step-Up Authorization Flow). Once each; and
 * nobody is asked because of a request that nobody waits for.
 * @returns a fetch that rejects with AppError consent_pending while the page is open, and consent_refused after a no
 */
export function oauthFetch(fetch: Fetch, credential: Credential, waitMs = WAIT_MS): Fetch {
  return async (url, init) => {
    const send = (bearer: string | undefined): Promise<Response> => fetch(url, withBearer(init, bearer));
    let token = await credential.usable();
    let response = await send(token);
    if (response.status === 401 && token !== undefined) {
      const renewed = await credential.renew(token);
      if (renewed !== undefined) {
        await response.body?.cancel();
        token = renewed;
        response = await send(token);
      }
    }
    const challenge = challengeOf(response);
    if (challenge === undefined || !new Headers(init?.headers).has(ATTENDED_HEADER)) return response;
    await response.body?.cancel();
    await answered(credential, challenge, token, waitMs, init?.signal);
    return send(await credential.usable());
  };
}

/** Waits for the person's decision, not longer than a host waits for us; the page stays open meanwhile. */
async function answered(
  credential: Credential,
  challenge: Challenge,
  refused: string | undefined,
  waitMs: number,
  signal: AbortSignal | null | undefined,
): Promise<void> {
  const late = new AbortController();
  const given = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
  const asking = credential.ask(challenge, refused).then(() => 'answered' as const);
  try {
    const outcome = await Promise.race([asking, delay(waitMs, 'pending' as const, { signal: given })]);
    if (outcome === 'answered') return;
  } finally {
    late.abort();
    // Whoever calls next waits for it again, and hears how it ended.
    asking.catch(() => undefined);
  }
  throw new AppError('consent_pending', { detail: credential.consentUrl });
}

function challengeOf(response: Response): Challenge | undefined {
  if (response.status !== 401 && response.status !== 403) return undefined;
  const { error, scope } = extractWWWAuthenticateParams(response);
  if (response.status === 401) return { scope, isStepUp: false };
  return error === 'insufficient_scope' ? { scope, isStepUp: true } : undefined;
}
