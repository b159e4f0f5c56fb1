import { Inject, Injectable } from '@nestjs/common';
import type { AdapterPayload } from 'oidc-provider';
import { CONFIG, type Config } from '../../../config/config.js';
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
