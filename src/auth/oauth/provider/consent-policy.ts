import type { KoaContextWithOIDC } from 'oidc-provider';
import { interactionPolicy } from './oidc-library.js';

const { base, Check } = interactionPolicy;

/**
 * One prompt that says who is asked and what they agree to, at every authorization: nobody is signed in for good here,
 * and nothing is granted silently (GHSA-c2jp-c369-7pvx).
 */
export function consentPolicy(): interactionPolicy.DefaultPolicy {
  const policy = base();
  for (const name of ['login', 'consent']) policy.get(name)!.checks.clear();
  policy
    .get('login')!
    .checks.add(
      new Check('always', 'the person is asked at every authorization', 'login_required', (ctx: KoaContextWithOIDC) =>
        ctx.oidc.result?.consent === undefined ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
      ),
    );
  return policy;
}
