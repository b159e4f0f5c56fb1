import { Inject, Injectable } from '@nestjs/common';
import { scopeChallenge } from '../auth/challenge.js';
import type { Principal } from '../auth/principal.js';
import { CONFIG, type Config } from '../config/config.js';
import type { AppError } from '../errors/app-error.js';
import type { HumanConfirmation } from '../safety/human-confirmation.js';
import { type PublishedTool, publishedTools, toolByName, toolsFor } from '../tools/registry.js';
import type { ToolOutcome } from '../tools/tool-call.js';
import { CallLimiter } from '../tools/call-limiter.js';
import { ToolRunner } from '../tools/tool-runner.js';
import type { Exchange } from './exchange.js';

/** What an HTTP-level refusal of a call needs: RFC 6750 §3.1 insufficient_scope. */
export interface ScopeRefusal {
  readonly error: AppError;
  readonly wwwAuthenticate: string;
}

/** The tools as MCP shows them, the same for both eras. */
@Injectable()
export class ToolSurface {
  constructor(
    private readonly runner: ToolRunner,
    private readonly limiter: CallLimiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A PAT sees what it may call: it cannot be widened. An OAuth client sees all, it can step up. */
  list(exchange: Exchange): readonly PublishedTool[] {
    return exchange.principal.kind === 'oauth' ? publishedTools : toolsFor(exchange.principal.scopes);
  }

  /** Runs one tool for the exchange's principal; never throws. */
  call(
    exchange: Exchange,
    { name, arguments: args }: { readonly name: string; readonly arguments?: unknown },
    signal: AbortSignal,
    confirmation: HumanConfirmation | undefined,
  ): Promise<ToolOutcome> {
    return this.runner.run({
      tool: name,
      args: args ?? {},
      principal: exchange.principal,
      transport: 'mcp',
      requestId: exchange.request.id,
      traceId: exchange.traceId,
      clientName: exchange.clientName,
      address: exchange.request.ip,
      signal,
      confirmation,
    });
  }

  /** Counts a message that is no call, but costs the fleet something. @throws AppError rate_limited */
  count(principal: Principal): Promise<void> {
    return this.limiter.take(principal);
  }

  /** The step-up challenge, if this outcome is one: a scope is missing and the client can ask for it. */
  scopeRefusal({ principal }: Exchange, toolName: string, outcome: ToolOutcome): ScopeRefusal | undefined {
    if (outcome.ok || outcome.error.code !== 'insufficient_scope' || principal.kind !== 'oauth') return undefined;
    const needed = toolByName(toolName)!.scope;
    return {
      error: outcome.error,
      wwwAuthenticate: scopeChallenge(this.config, 'mcp', principal.scopes, needed),
    };
  }
}
