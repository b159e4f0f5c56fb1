/** Answer of `GET /v1/session`. */
export interface SessionView {
  readonly user_id: string;
  /** null also while TradeCafe cannot be asked: whoever wants to revoke a token must not have to wait for it. */
  readonly username: string | null;
  /** Goes into `X-CSRF-Token`, or into the form field `csrf_token`. */
  readonly csrf_token: string;
  readonly frozen_at: string | null;
}
