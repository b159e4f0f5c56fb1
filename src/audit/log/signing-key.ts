import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8 and in SubjectPublicKeyInfo. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** The private half: signs checkpoints and erasures. */
export interface SigningKey {
  readonly keyId: string;
  /** 32 bytes, base64url: what verifiers are given. */
  readonly publicKey: string;
  /** @returns the Ed25519 signature in hex */
  sign(text: string): string;
}

/**
 * @param seed 32 bytes (RFC 8032 §5.1.5), base64 or base64url
 * @throws Error when it is not that
 */
export function signingKey(seed: string): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, keyBytes(seed)]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x!;
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), key).toString('hex'),
  };
}

/** The public keys that a verifier trusts: today's and those before it. */
export class KeyRing {
  private readonly keys = new Map<string, KeyObject>();

  /**
   * @param publicKeys 32 bytes each, base64 or base64url
   * @throws Error when one is not that
   */
  constructor(publicKeys: readonly string[]) {
    for (const key of publicKeys) {
      const der = Buffer.concat([SPKI, keyBytes(key)]);
      this.keys.set(keyIdOf(key), createPublicKey({ key: der, format: 'der', type: 'spki' }));
    }
  }

  /** @returns undefined when the signature is good, else why it is not */
  complaint(keyId: string, text: string, signature: string): string | undefined {
    const key = this.keys.get(keyId);
    if (key === undefined) return `is signed by a key that is not trusted (${keyId})`;
    if (verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex'))) return undefined;
    return `has a signature that is not that of key ${keyId}`;
  }
}

/** Names a key without a registry: the first 8 bytes of its SHA-256. */
function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(keyBytes(publicKey)).digest('hex').slice(0, 16);
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== KEY_BYTES || !/^[\w+/-]{43}=?$/.test(key)) throw new Error('a key is 32 bytes in base64');
  return bytes;
}
