import type { Principal } from '../auth/principal.js';
import { AppError } from '../errors/app-error.js';
import { sha256 } from './action-token.js';
import { canonicalJson } from './canonical-json.js';
import { ledgerCredentialId } from './credential-lock.js';

const MAX_KEY = 200;

/**
 * What the ledger keeps of a client's Idempotency-Key: a hash of it together with user and credential, so that it is one
 * key at every door and nobody else's.
 * @returns undefined when there is none, or nothing in it
 * @throws AppError invalid_request
 */
export function clientKeyHash(principal: Principal, header: string | undefined): Uint8Array<ArrayBuffer> | undefined {
  const key = header?.trim() ?? '';
  if (key.length > MAX_KEY) {
    throw new AppError('invalid_request', { detail: `Idempotency-Key: at most ${MAX_KEY} characters.` });
  }
  if (key === '') return undefined;
  return sha256(canonicalJson(['client key', principal.userId, principal.kind, ledgerCredentialId(principal), key]));
}
