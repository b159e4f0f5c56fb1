import type { z } from 'zod';
import type { Scope } from '../../auth/scopes.js';
import type { Completer } from '../completions/completer.js';

/** Something that a person can choose to ask, ready-made: text that sends a model to the right tools in the right order. */
export interface Prompt<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the tools that the text needs. It holds no data itself: what it sends a model to read, the tools answer for. */
  readonly scopes: readonly Scope[];
  /** Strict, every value a string: what a person typed goes into the text only in the forms that this allows. */
  readonly input: Input;
  readonly completers: Readonly<Record<string, Completer>>;
  /** The message to the model, in the person's name. */
  text(args: z.output<Input>): string;
}

/** Ties the text to its arguments' types; the value is returned as it is. */
export function definePrompt<Input extends z.ZodObject>(prompt: Prompt<Input>): Prompt<Input> {
  return prompt;
}
