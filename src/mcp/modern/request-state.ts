import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../safety/canonical-json.js';
import type { Exchange } from '../exchange.js';
import { RPC } from '../json-rpc.js';
import { RpcFailure } from '../surface/rpc-failure.js';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const EXPIRY_BYTES = 6;

/** How long a client may take for one round. */
const LIFETIME_MS = 10 * 60 * 1000;

/**
 * `requestState` of MCP 2026-07-28 (basic/patterns/mrtr, Server Requirements 4 and 5): the client carries it and can
 * neither read nor change it, nor use it as somebody else, with another request, or later.
 */
export class RequestStates {
  private readonly key: Buffer;

  /** @param pepper the same on every instance: any of them may get the next round */
  constructor(pepper: string) {
    this.key = Buffer.from(hkdfSync('sha256', pepper, '', 'tradecafe mcp request state', 32));
  }

  /** @throws RpcFailure when the request is none that a state can be bound to */
  seal(state: string, exchange: Exchange, now = Date.now()): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, iv).setAAD(binding(exchange));
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(now + LIFETIME_MS, 0, EXPIRY_BYTES);
    const sealed = Buffer.concat([cipher.update(expiry), cipher.update(state, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /**
   * @returns undefined for anything that was not sealed here, for this caller and this very request, in the last minutes
   * @throws RpcFailure when the request is none that a state can be bound to
   */
  open(value: string, exchange: Exchange, now = Date.now()): string | undefined {
    const bytes = Buffer.from(value, 'base64url');
    // Decoding skips what is no base64url; only the one spelling that we gave out counts.
    if (bytes.length < IV_BYTES + TAG_BYTES + EXPIRY_BYTES || bytes.toString('base64url') !== value) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(binding(exchange)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return opened.readUIntBE(0, EXPIRY_BYTES) > now ? opened.toString('utf8', EXPIRY_BYTES) : undefined;
    } catch {
      // Not sealed with this key for this request, or changed since.
      return undefined;
    }
  }
}

/**
 * The caller, and all of the request but what may differ between two rounds.
 * @throws RpcFailure -32602 when there is no canonical form of it: nested beyond measure, or a number or text that is none
 */
function binding({ principal, body }: Exchange): Buffer {
  const {
    _meta,
    inputResponses: _responses,
    requestState: _state,
    ...params
  } = (body['params'] ?? {}) as Record<string, unknown>;
  const { userId, kind, credentialId } = principal;
  try {
    return Buffer.from(canonicalJson({ userId, kind, credentialId, method: body['method'], params }));
  } catch {
    // TypeError or RangeError; what they say is of the inside.
    throw new RpcFailure(RPC.invalidParams, 'params are nested too deeply, or hold a number or a text that is none.');
  }
}
