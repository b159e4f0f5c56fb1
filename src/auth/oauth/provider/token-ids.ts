import { randomUUID } from 'node:crypto';
import type Provider from 'oidc-provider';
import { randomBase62 } from '../../base62.js';

export const ACCESS_TOKEN_PREFIX = 'tc_at_';
/** 256 random bits. */
const LENGTH = 43;

/** The form of an access token. */
export const ACCESS_TOKEN = new RegExp(`^${ACCESS_TOKEN_PREFIX}[0-9A-Za-z]{${LENGTH}}$`);

const PREFIXES = {
  AccessToken: ACCESS_TOKEN_PREFIX,
  RefreshToken: 'tc_rt_',
  AuthorizationCode: 'tc_ac_',
  DeviceCode: 'tc_dc_',
} as const;

interface Identified {
  generateTokenId(): string;
}

/** Gives tokens and codes their prefixes: secret scanners find them, the logger removes them, the verifier routes them. */
export function prefixTokens(provider: Provider): void {
  for (const [model, prefix] of Object.entries(PREFIXES)) {
    const prototype = provider[model as keyof typeof PREFIXES].prototype as unknown as Identified;
    const original = Object.getOwnPropertyDescriptor(prototype, 'generateTokenId')?.value as
      Identified['generateTokenId'] | undefined;
    Object.defineProperty(prototype, 'generateTokenId', {
      value(this: Identified) {
        // Not for its result: an access token decides here which format it has.
        original?.call(this);
        return prefix + randomBase62(LENGTH);
      },
    });
  }
}

const CLIENT_PREFIX = 'tc_client_';

/** A registered client's id: no secret, but nothing that could be guessed either. */
export function newClientId(): string {
  return CLIENT_PREFIX + randomUUID();
}

/** Whether a client got its id by registering (RFC 7591). */
export function isRegisteredId(clientId: string): boolean {
  return clientId.startsWith(CLIENT_PREFIX);
}
