import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secrets {
  /** Keys the token hashes, the CSRF tokens and the session capsules. */
  readonly tokenPepper: string;
  /** HS256 secret of the short-lived user tokens that pwa-be accepts. */
  readonly pwaBeJwtSecret: string;
  /** HS256 secret of the existing site's session token; empty when a key set is used instead. */
  readonly sessionJwtSecret: string;
  /** Ed25519 seed, 32 bytes in base64 or base64url: signs the audit log's checkpoints. */
  readonly auditSigningKey: string;
}

const FILE = 'secrets.json';

/**
 * The development secrets of a data directory: read, or made once (0600). Production never comes here: it refuses to
 * boot with a generated secret.
 * @returns every secret, 256 bits each, base64url
 */
export function generatedSecrets(dataDir: string): Secrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE);
  const known = read(path);
  const secret = (name: keyof Secrets): string => known[name] ?? randomBytes(32).toString('base64url');
  const secrets: Secrets = {
    tokenPepper: secret('tokenPepper'),
    pwaBeJwtSecret: secret('pwaBeJwtSecret'),
    sessionJwtSecret: secret('sessionJwtSecret'),
    auditSigningKey: secret('auditSigningKey'),
  };
  if (Object.keys(secrets).some((name) => known[name as keyof Secrets] === undefined)) {
    // Written beside and renamed, so that a crash never leaves half a file: losing the pepper would lose every token.
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify({ ...known, ...secrets }, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  }
  chmodSync(path, 0o600);
  return secrets;
}

function read(path: string): Partial<Secrets> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Partial<Secrets>;
  } catch (cause) {
    throw new Error(
      `${path} is not valid JSON. Restore it from a backup; deleting it makes new secrets and so invalidates every token.`,
      { cause },
    );
  }
}
