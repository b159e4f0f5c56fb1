import { Injectable } from '@nestjs/common';
import { AppError } from '../../errors/app-error.js';
import { type PublishedPrompt, promptsFor, renderPrompt } from '../../tools/prompts/prompt-registry.js';
import type { Exchange } from '../exchange.js';
import { errorData, errorText, RPC } from '../json-rpc.js';
import { RpcFailure } from '../surface/rpc-failure.js';
import type { GetPromptParams, PromptProvider, Result } from '../surface/surface.js';

/** The prompts: texts without data, so nothing is asked of anybody. */
@Injectable()
export class ProductPrompts implements PromptProvider {
  list({ principal }: Exchange): readonly PublishedPrompt[] {
    return promptsFor(principal);
  }

  async get({ principal, request }: Exchange, { name, arguments: args }: GetPromptParams): Promise<Result> {
    try {
      const { description, text } = renderPrompt(name, args, principal);
      return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
    } catch (error) {
      // Of the table, it can only be the name or the arguments (MCP 2026-07-28, server/prompts, Error Handling).
      if (!(error instanceof AppError)) throw error;
      throw new RpcFailure(RPC.invalidParams, errorText(error), errorData(error, request.id));
    }
  }
}
