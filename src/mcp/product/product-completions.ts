import { Injectable } from '@nestjs/common';
import { CompletionRunner } from '../../tools/completions/completion-runner.js';
import type { Exchange } from '../exchange.js';
import { errorData, errorText, RPC } from '../json-rpc.js';
import type { RequestIo } from '../surface/request-io.js';
import { RpcFailure } from '../surface/rpc-failure.js';
import type { CompleteParams, CompletionProvider } from '../surface/surface.js';
import { callerOf } from './caller.js';

/** What is wrong with the question, and not with us (MCP 2026-07-28, server/utilities/completion, Error Handling). */
const INVALID_PARAMS = new Set(['unknown_prompt', 'unknown_resource', 'invalid_arguments']);

/** Suggestions for the arguments of prompts and of resource templates. */
@Injectable()
export class ProductCompletions implements CompletionProvider {
  constructor(private readonly runner: CompletionRunner) {}

  async complete(
    exchange: Exchange,
    { ref, argument }: CompleteParams,
    { signal }: Pick<RequestIo, 'signal'>,
  ): Promise<readonly string[]> {
    const outcome = await this.runner.complete({
      ...callerOf(exchange, signal),
      of: ref.type === 'ref/prompt' ? { prompt: ref.name } : { uriTemplate: ref.uri },
      argument: argument.name,
      typed: argument.value,
    });
    if (outcome.ok) return outcome.values;
    const { error } = outcome;
    if (!INVALID_PARAMS.has(error.code)) throw RpcFailure.of(error, exchange.request.id);
    throw new RpcFailure(RPC.invalidParams, errorText(error), errorData(error, exchange.request.id));
  }
}
