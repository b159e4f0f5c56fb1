import type { AuditOrigin } from '../../src/audit/account-action.js';

/** A person signed in at the site, as the audit log knows them. */
export function person(userId: string): AuditOrigin {
  return {
    actor: { userId, kind: 'session', credentialId: 'session', credentialName: null },
    transport: 'rest',
    requestId: 'req_test',
  };
}
