import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { OauthGrant } from '../../generated/prisma/client.js';
import type { Resource } from '../access.decorator.js';
import type { TokenKind, VerifiedToken } from '../bearer/token-kind.js';
import { heldBy } from '../bearer/refusal-log.js';
import { tokenRefused } from '../bearer/token-refused.js';
import { UserStanding } from '../pat/user-standing.js';
import type { Principal } from '../principal.js';
import { isScope } from '../scopes.js';
import { ACCESS_TOKEN, ACCESS_TOKEN_PREFIX } from './provider/token-ids.js';
import { ArtifactStore } from './storage/artifact.store.js';

/** OAuth access tokens as bearer tokens: opaque, looked up, and worth what their grant is worth now. */
@Injectable()
export class AccessTokenKind implements TokenKind {
  readonly prefix = ACCESS_TOKEN_PREFIX;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly artifacts: ArtifactStore,
    private readonly standing: UserStanding,
  ) {}

  wellFormed(token: string): boolean {
    return ACCESS_TOKEN.test(token);
  }

  /** The token's row with its grant's, then the checks in this order. */
  async load(token: string): Promise<VerifiedToken> {
    const found = await this.artifacts.findGranted('AccessToken', token);
    if (found === undefined) throw tokenRefused(this.config, 'token_invalid');
    const { grant } = found;
    const { scope = '', exp = 0 } = found.payload;
    const holder = principalOf(grant, scope);
    if (grant.revokedAt !== null) {
      throw heldBy(holder, tokenRefused(this.config, 'token_revoked', 'The app must ask you again.'));
    }
    const expiresAt = Math.min(exp * 1000, grant.expiresAt.getTime());
    if (expiresAt <= Date.now()) {
      throw heldBy(holder, tokenRefused(this.config, 'token_expired', 'The app can refresh it.'));
    }
    if (await this.standing.isGone(grant.userId, grant.userCheckedAt)) {
      const refused = tokenRefused(this.config, 'token_revoked', 'TradeCafe does not know its user any more.');
      throw heldBy(holder, refused);
    }
    return {
      principal: holder,
      resource: grant.resource as Resource,
      expiresAt,
      tags: [`grant:${grant.id}`, `user:${grant.userId}`],
    };
  }
}

/** @param scope the token's own: a refresh may have asked for less than the grant has, never for more */
function principalOf(grant: OauthGrant, scope: string): Principal {
  const granted = new Set(grant.scopes);
  return {
    userId: grant.userId,
    credentialId: grant.id,
    kind: 'oauth',
    credentialName: grant.clientName,
    clientId: grant.clientId,
    scopes: new Set(
      scope
        .split(' ')
        .filter(isScope)
        .filter((name) => granted.has(name)),
    ),
    maxTradeUsdt: grant.maxTradeUsdt?.toNumber() ?? null,
    // Anything unknown is the stricter one.
    writePolicy: grant.writePolicy === 'token_only' ? 'token_only' : 'human_required',
  };
}
