import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Makes rows that are of no use to who steals the table: ids hashed, payloads under a key derived from the pepper. */
export class ArtifactSeal {
  private readonly payloadKey: Uint8Array;
  private readonly lookupKey: Uint8Array;

  constructor(pepper: string) {
    this.payloadKey = deriveKey(pepper, 'oauth-payload');
    this.lookupKey = deriveKey(pepper, 'oauth-lookup');
  }

  /** SHA-256; ids have 256 random bits, or are no secret. */
  idOf(id: string): Bytes {
    return new Uint8Array(createHash('sha256').update(id).digest());
  }

  /** Keyed: a user code is short enough to be guessed through a plain hash. */
  lookupOf(userCode: string): Bytes {
    return new Uint8Array(createHmac('sha256', this.lookupKey).update(userCode).digest());
  }

  /** AES-256-GCM, bound to its row: `iv ‖ tag ‖ ciphertext`. */
  seal(model: string, id: Uint8Array, payload: object): Bytes {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.payloadKey, iv).setAAD(rowName(model, id));
    const body = Buffer.concat([cipher.update(JSON.stringify(payload), 'utf8'), cipher.final()]);
    return new Uint8Array(Buffer.concat([iv, cipher.getAuthTag(), body]));
  }

  /** @throws Error for a payload that was changed, moved to another row, or sealed under another pepper */
  open(model: string, id: Uint8Array, sealed: Uint8Array): unknown {
    const iv = sealed.subarray(0, IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.payloadKey, iv, { authTagLength: TAG_BYTES })
      .setAAD(rowName(model, id))
      .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const body = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(body.toString('utf8'));
  }
}

/** 256 bits for one purpose. */
export function deriveKey(pepper: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', pepper, '', purpose, 32));
}

function rowName(model: string, id: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${model}:`), id]);
}
