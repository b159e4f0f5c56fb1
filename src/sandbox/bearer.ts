import { jwtVerify } from 'jose';

/**
 * Checks the bearer as pwa-be does: a JWT signed with HS256 and nothing else, not expired, with a subject.
 * @returns the user's id, or undefined when the header is missing or the token is not good. By the real clock: who
 * signs the tokens has no other.
 */
export async function bearerSubject(header: string | undefined, secret: Uint8Array): Promise<string | undefined> {
  const token = /^Bearer ([\w.-]+)$/i.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['exp', 'sub'] });
    return payload.sub;
  } catch {
    // Whatever is wrong with it, pwa-be's answer is the same 401.
    return undefined;
  }
}
