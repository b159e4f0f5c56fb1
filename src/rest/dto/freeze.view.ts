import { z } from 'zod';
import type { FreezeStatus } from '../../safety/freeze.service.js';

/** Answer of `POST` and `DELETE /v1/freeze`. */
export const freezeView = z.strictObject({
  frozen_at: z.string().nullable().describe('ISO 8601; null: writes are allowed.'),
  in_flight: z
    .array(
      z.strictObject({
        id: z.string(),
        tool: z.string(),
        status: z.enum(['pending', 'succeeded', 'refused', 'unknown', 'not_applied', 'undetermined']),
        created_at: z.string(),
        finished_at: z.string().nullable(),
        upstream_message: z.string().optional(),
        observed: z.string().optional(),
        result: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .readonly()
    .describe('Writes that were sent before: no freeze takes them back.'),
}) satisfies z.ZodType<FreezeStatus>;
