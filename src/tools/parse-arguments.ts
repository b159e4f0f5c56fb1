import type { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { sanitizeText } from '../pwa-be/sanitize-text.js';

const MAX_PROBLEMS = 10;
const MAX_NAME = 64;
const MAX_MESSAGE = 200;

interface Problem {
  /** The argument's name; empty when the arguments as a whole are wrong. */
  readonly path: string;
  readonly message: string;
}

/**
 * The arguments of a call, parsed and with their defaults.
 * @param operation what takes them; its input is strict
 * @param args as the client sent them; none at all is an empty object
 * @throws AppError `invalid_arguments` naming each problem, unknown arguments by their name; `data.errors` has the same
 */
export function parseArguments(
  { name, input }: { readonly name: string; readonly input: z.ZodObject },
  args: unknown,
): Record<string, unknown> {
  const result = input.safeParse(args ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(toProblems).slice(0, MAX_PROBLEMS);
  const known = Object.keys(input.shape);
  const takes = known.length === 0 ? `${name} takes no arguments.` : `${name} takes: ${known.join(', ')}.`;
  const detail = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new AppError('invalid_arguments', { detail: `${detail}. ${takes}`, data: { errors } });
}

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: sanitizeText(key, MAX_NAME), message: 'unknown argument' }));
  }
  const path = sanitizeText(issue.path.map(String).join('.'), MAX_NAME);
  return [{ path, message: sanitizeText(issue.message, MAX_MESSAGE) }];
}
