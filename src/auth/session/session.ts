import type { AuditOrigin } from '../../audit/account-action.js';

/** Who is signed in at the site, in the browser that sent this request. */
export interface CurrentSession {
  readonly userId: string;
  /** Proves that a form or script came from a page of this session; goes into `X-CSRF-Token` or `csrf_token`. */
  readonly csrfToken: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** What the audit log says of who did it, and from where. */
  readonly origin: AuditOrigin;
}
