import { z } from 'zod';

/** Answer of `GET /v1/session`. */
export const sessionView = z.strictObject({
  user_id: z.string(),
  username: z.string().nullable().describe('null also while TradeCafe cannot be asked.'),
  csrf_token: z.string().describe('Goes into X-CSRF-Token, or into the form field csrf_token.'),
  frozen_at: z.string().nullable().describe('Since when all writes are stopped; null: they are not.'),
});
export type SessionView = z.output<typeof sessionView>;
