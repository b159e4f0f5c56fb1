/** Who TradeCafe's users are. pwa-be answers it; the composition root wires it. */
export interface UserDirectory {
  /**
   * @returns undefined when there is no such user (any more)
   * @throws AppError `upstream_…` when that cannot be found out right now
   */
  describe(userId: string): Promise<{ readonly username: string | null } | undefined>;
}

/** Injection token of the UserDirectory. */
export const USER_DIRECTORY = Symbol('USER_DIRECTORY');

/** What a user id may look like; it stands in addresses, in tokens for pwa-be and in notifications. */
export const USER_ID = /^[A-Za-z0-9_-]{1,64}$/;
