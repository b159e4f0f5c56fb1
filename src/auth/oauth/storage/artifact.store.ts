import { Inject, Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { CONFIG, type Config } from '../../../config/config.js';
import type { OauthGrant } from '../../../generated/prisma/client.js';
import { ArtifactSeal } from './artifact-seal.js';
import { OauthCalls } from './oauth-call.js';

/** A row, opened. */
export interface Artifact {
  readonly payload: AdapterPayload;
  readonly consumedAt: Date | null;
}

interface Row {
  readonly id: Uint8Array;
  readonly payload: Uint8Array;
  readonly consumedAt: Date | null;
}

/** The one table of codes, tokens, interactions and registered clients. */
@Injectable()
export class ArtifactStore {
  private readonly seal: ArtifactSeal;

  constructor(
    private readonly calls: OauthCalls,
    @Inject(CONFIG) { secrets }: Config,
  ) {
    this.seal = new ArtifactSeal(secrets.tokenPepper);
  }

  /** @param expiresIn seconds; undefined: it stays */
  async save(model: string, id: string, payload: AdapterPayload, expiresIn: number | undefined): Promise<void> {
    const key = this.seal.idOf(id);
    const columns = {
      payload: this.seal.seal(model, key, payload),
      grantId: payload.grantId ?? null,
      lookup: payload.userCode === undefined ? null : this.seal.lookupOf(payload.userCode),
      expiresAt: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
    };
    await this.calls.database.oauthArtifact.upsert({
      where: { model_id: { model, id: key } },
      create: { model, id: key, ...columns },
      update: columns,
    });
  }

  async find(model: string, id: string): Promise<Artifact | undefined> {
    const where = { model_id: { model, id: this.seal.idOf(id) } };
    return this.open(model, await this.calls.database.oauthArtifact.findUnique({ where }));
  }

  /**
   * A row and the grant it belongs to, in one statement: what a request with a token that is not known yet waits for.
   * @returns nothing, too, when the grant is not the one that the sealed payload names
   */
  async findGranted(model: string, id: string): Promise<{ payload: AdapterPayload; grant: OauthGrant } | undefined> {
    const [row] = await this.calls.database.$queryRaw<[(OauthGrant & Pick<Row, 'payload'>)?]>`
      SELECT a.payload, g.id::text, g.user_id AS "userId", g.client_id AS "clientId", g.client_name AS "clientName",
             g.resource, g.scopes, g.max_trade_usdt AS "maxTradeUsdt", g.write_policy AS "writePolicy",
             g.created_at AS "createdAt", g.expires_at AS "expiresAt", g.revoked_at AS "revokedAt",
             g.last_used_at AS "lastUsedAt", g.last_used_ip AS "lastUsedIp", g.last_used_client AS "lastUsedClient",
             g.user_checked_at AS "userCheckedAt"
        FROM oauth_artifacts AS a JOIN oauth_grants AS g ON g.id = a.grant_id
       WHERE a.model = ${model} AND a.id = ${this.seal.idOf(id)}`;
    if (row === undefined) return undefined;
    const { payload: sealed, ...grant } = row;
    const payload = this.seal.open(model, this.seal.idOf(id), sealed) as AdapterPayload;
    return payload.grantId === grant.id ? { payload, grant } : undefined;
  }

  async findByUserCode(model: string, userCode: string): Promise<Artifact | undefined> {
    const where = { model, lookup: this.seal.lookupOf(userCode) };
    return this.open(model, await this.calls.database.oauthArtifact.findFirst({ where }));
  }

  /** Makes others who lock the same user code wait until the current transaction ends. */
  async lockUserCode(model: string, userCode: string): Promise<void> {
    await this.calls.database.$executeRaw`
      SELECT FROM oauth_artifacts WHERE model = ${model} AND lookup = ${this.seal.lookupOf(userCode)} FOR UPDATE`;
  }

  /**
   * Marks as used, once: of concurrent callers one wins, the others wait for its transaction and lose.
   * @param graceSeconds how long after the first use others may still win
   * @returns whether this caller won
   */
  async consume(model: string, id: string, graceSeconds: number): Promise<boolean> {
    const won = await this.calls.database.$executeRaw`
      UPDATE oauth_artifacts SET consumed_at = coalesce(consumed_at, clock_timestamp())
       WHERE model = ${model} AND id = ${this.seal.idOf(id)}
         AND (consumed_at IS NULL OR consumed_at > clock_timestamp() - make_interval(secs => ${graceSeconds}))`;
    return won > 0;
  }

  /** @returns whether it was there */
  async remove(model: string, id: string): Promise<boolean> {
    const { count } = await this.calls.database.oauthArtifact.deleteMany({ where: { model, id: this.seal.idOf(id) } });
    return count > 0;
  }

  private open(model: string, row: Row | null): Artifact | undefined {
    if (row === null) return undefined;
    const payload = this.seal.open(model, row.id, row.payload) as AdapterPayload;
    return { payload, consumedAt: row.consumedAt };
  }
}
