import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ClientAbility } from '../surface/request-io.js';

/** What a legacy session is: everything another instance needs to go on with it. */
export interface Capsule {
  readonly protocolVersion: string;
  readonly clientName: string;
  readonly clientVersion: string;
  /** What the client said that it can be asked for. */
  readonly abilities: readonly ClientAbility[];
  /** The credential that opened the session; it opens for no other. */
  readonly credentialId: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

const LIFETIME_SECONDS = 24 * 60 * 60;

/**
 * `Mcp-Session-Id` as a signed capsule: `base64url(JSON).base64url(HMAC-SHA-256)`. Any instance can read it, none has to
 * remember it. Visible ASCII only (MCP 2025-11-25, Session Management).
 */
export class SessionCapsules {
  private readonly key: Buffer;

  /** @param pepper the service's secret; the key is derived for this purpose alone */
  constructor(pepper: string) {
    this.key = createHmac('sha256', pepper).update('mcp-session-capsule').digest();
  }

  /** @returns the header's value, good for a day */
  seal(content: Omit<Capsule, 'expiresAt'>, now = Date.now()): string {
    const capsule: Capsule = { ...content, expiresAt: Math.floor(now / 1000) + LIFETIME_SECONDS };
    const payload = Buffer.from(JSON.stringify(capsule)).toString('base64url');
    return `${payload}.${this.sign(payload).toString('base64url')}`;
  }

  /** @returns undefined for anything forged, expired, or opened by another credential */
  open(value: string, credentialId: string, now = Date.now()): Capsule | undefined {
    const [payload, signature, ...rest] = value.split('.');
    if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const wanted = this.sign(payload);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    // Signed by us, so it has our shape.
    const capsule = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Capsule;
    return capsule.expiresAt * 1000 > now && capsule.credentialId === credentialId ? capsule : undefined;
  }

  private sign(payload: string): Buffer {
    return createHmac('sha256', this.key).update(payload).digest();
  }
}
