/**
 * The scopes, each with the one plain sentence that consent page, settings page and docs show.
 * Reserved, not built: write:bot_config, write:pool_allocation.
 */
export const SCOPES = {
  'read:account': 'See your profile, tier and connected exchanges',
  'read:signals': 'See trading signals',
  'read:positions': 'See your open and closed positions and your profit history',
  'read:billing': 'See your subscription',
  'read:pool': 'See your Trading Pool stakes',
  'read:referrals': 'See your referral statistics',
  'write:trades': 'Approve pending trades and close positions for you, with real money',
} as const;

export type Scope = keyof typeof SCOPES;

/** All scopes in their fixed order. */
export const ALL_SCOPES = Object.keys(SCOPES) as readonly Scope[];

/** What a 401 challenge asks for; `write:trades` comes by step-up only. */
export const READ_SCOPES: readonly Scope[] = ALL_SCOPES.filter((scope) => scope.startsWith('read:'));

/** Whether a scope lets its holder change something. */
export function isWrite(scope: Scope): boolean {
  return scope.startsWith('write:');
}

/** Whether a string names a scope that exists. */
export function isScope(value: string): value is Scope {
  return Object.hasOwn(SCOPES, value);
}
