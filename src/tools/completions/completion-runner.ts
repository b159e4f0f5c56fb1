import { Injectable } from '@nestjs/common';
import { AppError } from '../../errors/app-error.js';
import { sanitizeText } from '../../pwa-be/sanitize-text.js';
import { CallLimiter } from '../call-limiter.js';
import { CallPath, unrecorded } from '../call-path.js';
import { promptNamed } from '../prompts/prompt-registry.js';
import { RESOURCE_TEMPLATES } from '../resources/resource-registry.js';
import type { Caller, CallFailure } from '../tool-call.js';
import type { Completer } from './completer.js';
import { rank } from './rank.js';

/** What is being typed, and where. */
export interface CompletionCall extends Caller {
  readonly of: { readonly prompt: string } | { readonly uriTemplate: string };
  readonly argument: string;
  /** As far as it was typed. */
  readonly typed: string;
}

export interface CompletionSuccess {
  readonly ok: true;
  /** All that fit, best first. */
  readonly values: readonly string[];
}

/**
 * Suggestions for arguments. Those that are read from the caller's data take the one path of every call; all are counted
 * (MCP 2026-07-28, server/utilities/completion, Security).
 */
@Injectable()
export class CompletionRunner {
  constructor(
    private readonly calls: CallPath,
    private readonly limiter: CallLimiter,
  ) {}

  /** Never throws: what fails is an outcome with an error of the table. */
  async complete({ of, argument, typed, ...caller }: CompletionCall): Promise<CompletionSuccess | CallFailure> {
    const { principal } = caller;
    try {
      const completer = find(of, argument, caller);
      if ('values' in completer || !completer.scopes.some((scope) => principal.scopes.has(scope))) {
        await this.limiter.take(principal);
        return { ok: true, values: 'values' in completer ? rank(completer.values, typed) : [] };
      }
      const operation = `completion/complete ${argument}`;
      return await this.calls.run({ ...caller, operation, args: {} }, () => ({
        name: operation,
        scopes: completer.scopes,
        parse: () => ({}),
        perform: async (_args, upstream) =>
          unrecorded({ ok: true, values: rank(await completer.read({ principal, upstream }), typed) }),
      }));
    } catch (error) {
      if (error instanceof AppError) return { ok: false, error };
      throw error;
    }
  }
}

/** @throws AppError unknown_prompt, unknown_resource, invalid_arguments */
function find(of: CompletionCall['of'], argument: string, { principal }: Caller): Completer {
  if ('prompt' in of) return completerOf(promptNamed(of.prompt, principal).completers, argument);
  const template = RESOURCE_TEMPLATES.find(({ uriTemplate }) => uriTemplate === of.uriTemplate);
  if (template !== undefined) return completerOf({ [template.variable]: template.completer }, argument);
  throw new AppError('unknown_resource', {
    detail: `There is no resource template "${sanitizeText(of.uriTemplate, 200)}".`,
  });
}

function completerOf(completers: Readonly<Record<string, Completer>>, argument: string): Completer {
  const completer = Object.hasOwn(completers, argument) ? completers[argument] : undefined;
  if (completer !== undefined) return completer;
  const known = Object.keys(completers).join(', ');
  throw new AppError('invalid_arguments', {
    detail: `There is no argument "${sanitizeText(argument, 64)}" to complete. There is: ${known}.`,
  });
}
