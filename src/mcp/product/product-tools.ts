import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { HumanConfirmation } from '../../safety/human-confirmation.js';
import type { CallFailure, ToolOutcome } from '../../tools/tool-call.js';
import { type PublishedTool, publishedTools, toolsFor } from '../../tools/registry.js';
import { ToolRunner } from '../../tools/tool-runner.js';
import type { Exchange } from '../exchange.js';
import { errorText, RPC } from '../json-rpc.js';
import type { InputRequired, RequestIo } from '../surface/request-io.js';
import { RpcFailure } from '../surface/rpc-failure.js';
import type { CallParams, Result, ToolProvider } from '../surface/surface.js';
import { callResult } from './call-result.js';
import { callerOf } from './caller.js';
import { confirmationOf, question } from './confirmation.js';
import { stepUp } from './step-up.js';

/** The registry's tools, through the runner. */
@Injectable()
export class ProductTools implements ToolProvider {
  constructor(
    private readonly runner: ToolRunner,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A PAT sees what it may call: it cannot be widened. An OAuth client sees all, it can step up. */
  list({ principal }: Exchange): readonly PublishedTool[] {
    return principal.kind === 'oauth' ? publishedTools : toolsFor(principal.scopes);
  }

  async call(exchange: Exchange, params: CallParams, io: RequestIo): Promise<Result | InputRequired> {
    const outcome = await this.run(exchange, params, io.signal, confirmationOf(io));
    if (outcome.ok) return callResult(outcome, exchange.request.id);
    if (outcome.inputRequired !== undefined) return question(outcome.inputRequired);
    this.throwIfNoResult(exchange, outcome, io);
    return callResult(outcome, exchange.request.id);
  }

  private run(
    exchange: Exchange,
    { name, arguments: args }: CallParams,
    signal: AbortSignal,
    confirmation: HumanConfirmation | undefined,
  ): Promise<ToolOutcome> {
    return this.runner.run({ ...callerOf(exchange, signal), tool: name, args: args ?? {}, confirmation });
  }

  /** Most failures are results that a model can read. These three are the protocol's. */
  private throwIfNoResult(exchange: Exchange, { error }: CallFailure, io: RequestIo): void {
    if (error.code === 'unknown_tool') throw new RpcFailure(RPC.invalidParams, error.message);
    if (error.code === 'confirmation_required' && io.input.kind === 'rounds') {
      // MCP 2026-07-28, basic, Per-request protocol fields: the call needs a client that can show a form.
      throw new RpcFailure(RPC.missingCapability, errorText(error), {
        requiredCapabilities: { elicitation: { form: {} } },
      });
    }
    const challenge = stepUp(this.config, exchange, error);
    if (challenge !== undefined) throw challenge;
  }
}
