import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { type AuditOrigin, recordAction } from '../../../audit/account-action.js';
import { CONFIG, type Config } from '../../../config/config.js';
import type { OauthGrant, Prisma } from '../../../generated/prisma/client.js';
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

  /**
   * @param by who said yes; it stands in the audit log with the grant
   * @returns the grant's id
   */
  async create(by: AuditOrigin, grant: NewGrant): Promise<string> {
    const { userId } = by.actor;
    const id = randomUUID();
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    await this.calls.atomically(async (database) => {
      await database.oauthGrant.create({ data: { ...grant, userId, id, scopes: [...grant.scopes], expiresAt } });
      await recordAction(database, by, 'app.allow', {
        grant_id: id,
        app_name: grant.clientName,
        client_id: grant.clientId,
        resource: grant.resource,
        scopes: grant.scopes.join(' '),
        max_trade_usdt: grant.maxTradeUsdt,
        write_policy: grant.writePolicy,
      });
    });
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
    await this.end({ id }, (ended) => originOf(ended, this.calls.address));
    this.calls.keep();
  }

  /**
   * Ends what a person had allowed an app before, at one resource; ids of anything else are passed over.
   * @param ids as a form has them
   */
  async endEarlier(
    by: AuditOrigin,
    ids: readonly string[],
    of: Pick<NewGrant, 'clientId' | 'resource'>,
  ): Promise<void> {
    const { clientId, resource } = of;
    const { userId } = by.actor;
    await this.end({ id: { in: ids.filter(isGrantId) }, userId, clientId, resource }, () => by);
  }

  private async end(where: Prisma.OauthGrantWhereInput, by: (ended: OauthGrant) => AuditOrigin): Promise<void> {
    await this.calls.atomically(async (database) => {
      const all = await database.oauthGrant.updateManyAndReturn({
        where: { ...where, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      for (const ended of all) {
        await this.cache.evictEverywhere(`grant:${ended.id}`, database);
        await recordAction(database, by(ended), 'app.end', { grant_id: ended.id, app_name: ended.clientName });
        this.calls.afterwards(() => this.cache.evict(`grant:${ended.id}`));
      }
    });
  }
}

const GRANT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text can be a grant's id: for such a column the database takes nothing but a UUID. */
export function isGrantId(text: string): boolean {
  return GRANT_ID.test(text);
}

/** Nobody is signed in here: it is the app, or somebody with its tokens, that talks to us. */
function originOf({ id, userId, clientId, clientName }: OauthGrant, address: string): AuditOrigin {
  return {
    actor: { userId, kind: 'oauth', credentialId: id, credentialName: clientName, clientId },
    transport: 'http',
    requestId: randomUUID(),
    address: address === '' ? undefined : address,
  };
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
