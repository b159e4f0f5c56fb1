import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyOptions, SignJWT } from 'jose';
import type { Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { USER_ID } from '../user-directory.js';

const FUTURE_LEEWAY_S = 60;
/** A key set may only hold public keys: with HS256 allowed, one of them could be used as a shared secret (RFC 8725 §2.1). */
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'];

/** What the site's session token says. */
interface SessionClaims {
  readonly userId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** @throws AppError session_required; upstream_unavailable when the key set cannot be fetched */
export type VerifySessionToken = (token: string) => Promise<SessionClaims>;

/** Makes the check of the site's session token: its algorithm is the configuration's choice, never the token's. */
export function sessionVerifier({ session, secrets }: Pick<Config, 'session' | 'secrets'>): VerifySessionToken {
  const base: JWTVerifyOptions = { requiredClaims: ['exp', 'iat'] };
  if (session.jwksUrl === undefined) {
    const key = new TextEncoder().encode(secrets.sessionJwtSecret);
    return (token) => claims(() => jwtVerify(token, key, { ...base, algorithms: ['HS256'] }));
  }
  const keys = createRemoteJWKSet(new URL(session.jwksUrl));
  return (token) => claims(() => jwtVerify(token, keys, { ...base, algorithms: ASYMMETRIC }));
}

/**
 * Signs a session token as the site does; for mock mode's login page.
 * @param ttlSeconds its lifetime
 */
export function mintSession(userId: string, secret: string, ttlSeconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .sign(new TextEncoder().encode(secret));
}

async function claims(verify: () => Promise<{ payload: JWTPayload }>): Promise<SessionClaims> {
  const { payload } = await verify().catch((error: unknown) => {
    throw new AppError(keySetAway(error) ? 'upstream_unavailable' : 'session_required', { cause: error });
  });
  const userId = payload.sub ?? payload['userId'] ?? payload['id'];
  const { iat, exp } = payload;
  const sound = typeof userId === 'string' && USER_ID.test(userId) && iat !== undefined && exp !== undefined;
  if (!sound || iat > Date.now() / 1000 + FUTURE_LEEWAY_S) throw new AppError('session_required');
  return { userId, issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
}

/** The key set's host being away says nothing about the session: to answer "sign in" would only send people in circles. */
function keySetAway(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout) return true;
  // jose has no class of its own for "the answer was not a key set": it throws the bare base class.
  return !(error instanceof errors.JOSEError) || error.constructor === errors.JOSEError;
}
