import type { Principal } from '../../auth/principal.js';
import { AppError } from '../../errors/app-error.js';
import { sanitizeText } from '../../pwa-be/sanitize-text.js';
import { type Icon, iconsOf } from '../icons.js';
import { parseArguments } from '../parse-arguments.js';
import { isShown } from '../visibility.js';
import { dailyBrief } from './daily-brief.prompt.js';
import type { Prompt } from './prompt.js';
import { reviewOpenPositions } from './review-open-positions.prompt.js';
import { weeklyReport } from './weekly-report.prompt.js';

/** THE list of prompts, in the order in which every listing shows them. */
export const PROMPTS: readonly Prompt[] = [dailyBrief, reviewOpenPositions, weeklyReport];

/** What a listing says about a prompt. */
export interface PublishedPrompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly { readonly name: string; readonly description?: string; readonly required: boolean }[];
  readonly icons: readonly Icon[];
}

/** All prompts as published, in order. */
export const publishedPrompts: readonly PublishedPrompt[] = PROMPTS.map(
  ({ name, title, description, input, scopes }) => ({
    name,
    title,
    description,
    arguments: Object.entries(input.shape).map(([argument, schema]) => ({
      name: argument,
      description: schema.description,
      required: !schema.safeParse(undefined).success,
    })),
    icons: iconsOf(scopes[0]!),
  }),
);

/** The prompts that a caller is shown. */
export function promptsFor(principal: Principal): readonly PublishedPrompt[] {
  return publishedPrompts.filter((_, index) => isShown(principal, PROMPTS[index]!.scopes));
}

/**
 * The prompt of that name, of those that the caller is shown.
 * @throws AppError unknown_prompt
 */
export function promptNamed(name: string, principal: Principal): Prompt {
  const prompt = PROMPTS.find((known) => known.name === name);
  if (prompt !== undefined && isShown(principal, prompt.scopes)) return prompt;
  throw new AppError('unknown_prompt', { detail: `There is no prompt "${sanitizeText(name, 64)}" for you.` });
}

/**
 * A prompt's text with the arguments put in. It holds nothing of the caller's, so there is nothing to record.
 * @throws AppError unknown_prompt, invalid_arguments
 */
export function renderPrompt(
  name: string,
  args: unknown,
  principal: Principal,
): { readonly description: string; readonly text: string } {
  const prompt = promptNamed(name, principal);
  return { description: prompt.description, text: prompt.text(parseArguments(prompt, args)) };
}
