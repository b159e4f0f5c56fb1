import { z } from 'zod';

const eventSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  credential_kind: z.string().describe('pat, oauth, session or operator'),
  credential_id: z.string(),
  credential_name: z.string().nullable(),
  client_id: z.string().nullable(),
  client_name: z.string().nullable().describe('What the client calls itself; proves nothing.'),
  transport: z.string(),
  operation: z
    .string()
    .describe(
      'Tool, or the route of a call that is no tool, or what was done to a token, an app or the writes switch, e.g. token.create.',
    ),
  arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  outcome: z.string().describe('ok, error, denied; intent: a write that was about to be sent.'),
  code: z.string().nullable(),
  duration_ms: z.number(),
  upstream_ms: z.number(),
  request_id: z.string(),
  trace_id: z.string().nullable(),
  address: z.string().nullable(),
});

/** A page of a person's own events. */
export const activitySchema = z.strictObject({ events: z.array(eventSchema), next_cursor: z.string().nullable() });

/** Columns of the CSV export, in their order: the fields of an event. */
export const ACTIVITY_COLUMNS = eventSchema.keyof().options;
