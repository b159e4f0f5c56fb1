import { STATIC_CLIENT_ID } from '../../auth/oauth/resources.js';
import type { OauthGrant } from '../../generated/prisma/client.js';
import type { Rights } from '../tokens/token-view.js';
import { rightsOf } from '../tokens/token-view.js';

/** What pages show of an app that somebody allowed in. */
export interface AppView extends Rights {
  readonly id: string;
  /** What it calls itself; proves nothing unless verified. */
  readonly name: string;
  readonly clientId: string;
  readonly verified: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly lastUsedClient: string | null;
}

/** The shown part of a grant. */
export function appView(grant: OauthGrant): AppView {
  const { id, clientId, clientName, createdAt, expiresAt, lastUsedAt, lastUsedIp, lastUsedClient } = grant;
  return {
    ...rightsOf(grant),
    id,
    name: clientName ?? 'An app without a name',
    clientId,
    verified: clientId === STATIC_CLIENT_ID,
    createdAt,
    expiresAt,
    lastUsedAt,
    lastUsedIp,
    lastUsedClient,
  };
}
