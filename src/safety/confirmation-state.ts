import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Principal } from '../auth/principal.js';
import { sha256 } from './action-token.js';
import type { StoredToken } from './action-token.store.js';
import { canonicalJson } from './canonical-json.js';
import { ledgerCredentialId } from './credential-lock.js';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals what a person is asked about into a state that the client carries and cannot read, change or move. */
export class ConfirmationState {
  private readonly key: Buffer;

  /** @param pepper the same on every instance: any of them may get the answer */
  constructor(pepper: string) {
    this.key = Buffer.from(hkdfSync('sha256', pepper, '', 'tradecafe confirmation state', 32));
  }

  /** A state for this commit and nothing else, as long-lived as its action token. */
  seal(token: StoredToken, principal: Principal): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, iv);
    const sealed = Buffer.concat([cipher.update(bound(token, principal)), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Whether the state was sealed for this commit, and its token still lives by the database's clock. */
  holds(state: string | undefined, token: StoredToken, principal: Principal): boolean {
    if (state === undefined || token.databaseNow >= token.expiresAt) return false;
    return this.open(state) === bound(token, principal);
  }

  private open(state: string): string | undefined {
    const bytes = Buffer.from(state, 'base64url');
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    } catch {
      // Not sealed with this key, or changed since: the same as no state.
      return undefined;
    }
  }
}

/** Everything that the answer must be about, the expiry included. */
function bound(token: StoredToken, principal: Principal): string {
  return canonicalJson({
    user: principal.userId,
    kind: principal.kind,
    credential: ledgerCredentialId(principal),
    token: Buffer.from(token.hash).toString('base64url'),
    tool: token.tool,
    arguments: Buffer.from(token.argumentsHash).toString('base64url'),
    preview: Buffer.from(sha256(canonicalJson(token.preview))).toString('base64url'),
    expires: token.expiresAt.toISOString(),
  });
}
