import type { Adapter } from 'oidc-provider';

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/** Keeps nothing: who the user is, the site's session says at every request, never a session of the library. */
export const FORGETFUL_ADAPTER: Adapter = {
  upsert: nothing,
  find: nothing,
  findByUserCode: nothing,
  findByUid: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
};
