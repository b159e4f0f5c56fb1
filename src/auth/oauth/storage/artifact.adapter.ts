import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { GrantStore } from '../grants/grant.store.js';
import { errors } from '../provider/oidc-library.js';
import type { ArtifactStore } from './artifact.store.js';

/** What the library asks of a database, answered from one table. It looks at expiry itself. */
export class ArtifactAdapter implements Adapter {
  /** @param graceSeconds how long a rotated refresh token may be used again: two hosts may share a token file */
  constructor(
    private readonly model: string,
    private readonly artifacts: ArtifactStore,
    private readonly grants: GrantStore,
    private readonly graceSeconds: number,
  ) {}

  upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    return this.artifacts.save(this.model, id, payload, expiresIn);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const artifact = await this.artifacts.find(this.model, id);
    if (artifact === undefined) return undefined;
    const { payload, consumedAt } = artifact;
    const spent = consumedAt !== null && Date.now() - consumedAt.getTime() >= this.grace * 1000;
    return spent ? { ...payload, consumed: Math.floor(consumedAt.getTime() / 1000) } : payload;
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return (await this.artifacts.findByUserCode(this.model, userCode))?.payload;
  }

  /** Only sessions have a uid, and the library's sessions are not kept. */
  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Exactly one of several concurrent requests wins. Another one is a replay (RFC 6749 §4.1.2, RFC 9700 §4.14.2): what was
   * issued for this code or token ends.
   */
  async consume(id: string): Promise<void> {
    if (await this.artifacts.consume(this.model, id, this.grace)) return;
    const artifact = await this.artifacts.find(this.model, id);
    if (artifact?.payload.grantId !== undefined) await this.revokeByGrantId(artifact.payload.grantId);
    throw new errors.InvalidGrant('already used');
  }

  /** Of two who go on with one interaction at the same time, the second finds it gone. */
  async destroy(id: string): Promise<void> {
    const there = await this.artifacts.remove(this.model, id);
    if (!there && this.model === 'Interaction') throw new errors.SessionNotFound('already used');
  }

  revokeByGrantId(grantId: string): Promise<void> {
    return this.grants.revokeFamily(grantId);
  }

  private get grace(): number {
    return this.model === 'RefreshToken' ? this.graceSeconds : 0;
  }
}
