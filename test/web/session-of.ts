import { SignJWT } from 'jose';
import type { TestApp } from '../support/app.js';

/** The cookie of a session that began, and ends, so many seconds from now. */
export async function sessionCookieOf(app: TestApp, userId: string, fromS: number, untilS: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setIssuedAt(now + fromS)
    .setExpirationTime(now + untilS)
    .sign(new TextEncoder().encode(app.config.secrets.sessionJwtSecret));
  return `${app.config.session.cookie}=${token}`;
}
