import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import type { UserUpstream } from '../pwa-be/pwa-be.client.js';
import { sanitizeText } from '../pwa-be/sanitize-text.js';
import { RoundTrip } from '../safety/round-trip.js';
import { type Attempt, CallPath, type Operation, unrecorded } from './call-path.js';
import { parseArguments } from './parse-arguments.js';
import { toolByName } from './registry.js';
import type { Tool, WriteTool } from './tool.js';
import type { ToolCall, ToolOutcome, ToolSuccess } from './tool-call.js';
import { halfInput, roundTripArguments } from './write-schemas.js';

/** The tools on the one path of every call. */
@Injectable()
export class ToolRunner {
  constructor(
    private readonly calls: CallPath,
    private readonly roundTrip: RoundTrip,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode'>,
  ) {}

  /** Runs a call to its end and records it. Never throws: what fails is an outcome with an error of the table. */
  async run(call: ToolCall): Promise<ToolOutcome> {
    return this.calls.run({ ...call, operation: call.tool }, () => this.operation(call));
  }

  private operation(call: ToolCall): Operation<ToolSuccess> {
    const tool = find(call);
    return {
      name: tool.name,
      scopes: [tool.scope],
      parse: (args) => parse(tool, call, args),
      perform: async (args, upstream, startedAt) => {
        if ('operation' in tool) return this.write(tool, args, call, upstream, startedAt);
        return unrecorded(this.success(await tool.handler(args, { principal: call.principal, upstream })));
      },
    };
  }

  /** Preview or commit: the safety room decides; only its answer is turned into an outcome here. */
  private async write(
    { operation }: WriteTool,
    args: Record<string, unknown>,
    call: ToolCall,
    upstream: UserUpstream,
    startedAt: number,
  ): Promise<Attempt<ToolSuccess>> {
    const { dryRun, actionToken, named } = roundTripArguments(args);
    const { tool, half: _half, idempotencyKey: clientKey, principal, confirmation, signal, ...rest } = call;
    const origin = { ...rest, operation: tool, principal, startedAt };
    const write = { operation, args: named, actionToken, clientKey, confirmation, signal, origin };
    if (dryRun) return unrecorded(this.success(await this.roundTrip.preview(write, upstream)));
    const result = await this.roundTrip.commit(write);
    if (result.kind === 'done') return { outcome: this.success(result.structured), recorded: result.recorded };
    if (result.kind === 'failed') return { outcome: { ok: false, error: result.error }, recorded: result.recorded };
    return unrecorded({ ok: false, error: new AppError('confirmation_required'), inputRequired: result.request });
  }

  private success(structured: Record<string, unknown>): ToolSuccess {
    return { ok: true, structured, text: JSON.stringify(structured), meta: { mode: this.config.mode } };
  }
}

function find(call: ToolCall): Tool {
  const tool = toolByName(call.tool);
  if (tool === undefined)
    throw new AppError('unknown_tool', { detail: `There is no tool "${sanitizeText(call.tool, 64)}".` });
  return tool;
}

/** Where the address says which half of a write it is, the arguments must not say it again. */
function parse(tool: Tool, { half }: ToolCall, args: unknown): Record<string, unknown> {
  if (half === undefined) return parseArguments(tool, args);
  const parsed = parseArguments({ name: tool.name, input: halfInput(tool.input, half) }, args);
  return { ...parsed, dry_run: half === 'preview' };
}
