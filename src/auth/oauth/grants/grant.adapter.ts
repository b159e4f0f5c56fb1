import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { GrantStore } from './grant.store.js';

const notThere = (): Promise<undefined> => Promise.resolve(undefined);

/** Grants as the library knows them, over rows of their own: the owner's list, the verifier and commits read them. */
export class GrantAdapter implements Adapter {
  readonly findByUserCode = notThere;
  readonly findByUid = notThere;
  readonly consume = notThere;

  constructor(private readonly grants: GrantStore) {}

  /** A grant is written by the consent, with more than the library knows; what it is, it stays. */
  upsert(): Promise<never> {
    throw new Error('grants are made by the consent');
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return this.grants.payloadOf(id);
  }

  destroy(id: string): Promise<void> {
    return this.grants.revokeFamily(id);
  }

  revokeByGrantId(id: string): Promise<void> {
    return this.grants.revokeFamily(id);
  }
}
