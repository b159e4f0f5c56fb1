import { z } from 'zod';
import type { WriteHalf } from './tool-call.js';

/** The arguments of a write tool: those that name its target, and the two of the round trip. */
export function writeInput<Named extends z.ZodRawShape>(named: Named) {
  return z.strictObject({
    ...named,
    dry_run: z
      .boolean()
      .default(true)
      .describe('true: only a preview and an action_token. false: carry it out, which needs that action_token.'),
    action_token: z
      .string()
      .max(200)
      .optional()
      .describe('From the preview with the very same arguments; only with dry_run=false.'),
  });
}

/** What both halves answer with: one object type, because older clients accept nothing else. */
export function writeOutput<Preview extends z.ZodObject, Result extends z.ZodObject>(preview: Preview, result: Result) {
  return z.strictObject({
    dry_run: z.boolean(),
    preview: preview.describe('What would happen, or with dry_run=false what it looked like right before.'),
    action_token: z
      .string()
      .optional()
      .describe('Only of a dry run: commits exactly this preview, once, for five minutes.'),
    committed: result.nullable().describe('Null after a dry run: nothing was done.'),
  });
}

/** The arguments of one half where the address names the half: without `dry_run`, and the token only where it belongs. */
export function halfInput(input: z.ZodObject, half: WriteHalf): z.ZodObject {
  const { dry_run: _dryRun, action_token: actionToken, ...named } = input.shape;
  return z.strictObject(
    half === 'preview' || actionToken === undefined ? named : { ...named, action_token: actionToken },
  );
}

interface RoundTripArguments {
  readonly dryRun: boolean;
  readonly actionToken: string | undefined;
  /** What names the target. */
  readonly named: Readonly<Record<string, string>>;
}

/** Takes parsed arguments of a write tool apart. Whatever is not plainly false is a dry run. */
export function roundTripArguments({ dry_run, action_token, ...rest }: Record<string, unknown>): RoundTripArguments {
  const named = Object.entries(rest).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    dryRun: dry_run !== false,
    actionToken: typeof action_token === 'string' ? action_token : undefined,
    named: Object.fromEntries(named),
  };
}
