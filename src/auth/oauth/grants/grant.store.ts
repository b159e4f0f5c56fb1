import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { CONFIG, type Config } from '../../../config/config.js';
import { TokenCache } from '../../bearer/token-cache.js';
import type { Resource } from '../../access.decorator.js';
import type { WritePolicy } from '../../principal.js';
import type { Scope } from '../../scopes.js';
import { resourceUrl } from '../resources.js';
import { OauthCalls } from '../storage/oauth-call.js';

/** Longer than any refresh token lives; then the person is asked anew. */
const LIFETIME_MS = 365 * 24 * 60 * 60 * 1000;

/** What a person said yes to. */
export interface NewGrant {
  readonly userId: string;
  readonly clientId: string;
  readonly clientName: string | null;
  readonly resource: Resource;
  readonly scopes: readonly Scope[];
  /** Largest approval in USDT; null: no cap. */
  readonly maxTradeUsdt: number | null;
  readonly writePolicy: WritePolicy;
}

/** Grants as the library sees them: alive, or not there. */
@Injectable()
export class GrantStore {
  constructor(
    private readonly calls: OauthCalls,
    private readonly cache: TokenCache,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @returns the grant's id */
  async create(grant: NewGrant): Promise<string> {
    const id = randomUUID();
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    await this.calls.database.oauthGrant.create({ data: { ...grant, id, scopes: [...grant.scopes], expiresAt } });
    return id;
  }

  /** When TradeCafe last confirmed that the grant's user exists. */
  async userCheckedAt(id: string): Promise<Date | undefined> {
    const grant = await this.calls.database.oauthGrant.findUnique({ where: { id }, select: { userCheckedAt: true } });
    return grant?.userCheckedAt;
  }

  /** @returns undefined for a grant that is not there, revoked or expired */
  async payloadOf(id: string): Promise<AdapterPayload | undefined> {
    const grant = await this.calls.database.oauthGrant.findFirst({ where: { id, revokedAt: null } });
    if (grant === null || grant.expiresAt.getTime() <= Date.now()) return undefined;
    const resource = resourceUrl(this.config, grant.resource as Resource);
    return {
      kind: 'Grant',
      jti: id,
      accountId: grant.userId,
      clientId: grant.clientId,
      resources: { [resource]: grant.scopes.join(' ') },
      iat: seconds(grant.createdAt),
      exp: seconds(grant.expiresAt),
    };
  }

  /**
   * Ends a grant, and with it every code and token of it, on every instance at once. It is what a replay leads to: the
   * answer to the request is an error, and this stays nevertheless.
   */
  async revokeFamily(id: string): Promise<void> {
    const database = this.calls.database;
    const { count } = await database.oauthGrant.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    this.calls.keep();
    if (count === 0) return;
    await this.cache.evictEverywhere(`grant:${id}`, database);
    this.calls.afterwards(() => this.cache.evict(`grant:${id}`));
  }
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
