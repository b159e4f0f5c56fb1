import { Injectable } from '@nestjs/common';
import { ApiWriteGate } from '../../safety/api-write-gate.js';
import { CallPath, type Operation, unrecorded } from '../call-path.js';
import { parseArguments } from '../parse-arguments.js';
import type { Caller, CallFailure } from '../tool-call.js';
import type { ApiRead, ApiWrite } from './api-operation.js';

/** One request at one of pwa-be's own paths. */
export interface ApiCall extends Caller {
  /** Path parameters, query and body, as the client sent them. */
  readonly args: unknown;
}

export interface ApiSuccess {
  readonly ok: true;
  /** As pwa-be answers; undefined: with an empty body. */
  readonly body: object | undefined;
}

/** pwa-be's own paths on the one path of every call. */
@Injectable()
export class ApiRunner {
  constructor(
    private readonly calls: CallPath,
    private readonly gate: ApiWriteGate,
  ) {}

  /** Never throws: what fails is an outcome with an error of the table. */
  read(operation: ApiRead, call: ApiCall): Promise<ApiSuccess | CallFailure> {
    const { principal } = call;
    return this.run(operation, `GET /api${operation.path}`, call, async (args, upstream) => {
      const showTrades = (ids: readonly string[]): Promise<void> => this.gate.recordReads(principal, ids);
      return unrecorded({ ok: true, body: await operation.read(args, { principal, upstream, showTrades }) });
    });
  }

  /**
   * The write, through the ledger. Never throws either.
   * @param clientKey the client's Idempotency-Key
   */
  write(operation: ApiWrite, call: ApiCall, clientKey: string | undefined): Promise<ApiSuccess | CallFailure> {
    const name = `PUT /api${operation.path}`;
    return this.run(operation, name, call, async (args, _upstream, startedAt) => {
      const { signal: _signal, ...rest } = call;
      const origin = { ...rest, operation: name, startedAt };
      const result = await this.gate.commitApiWrite(operation.action, String(args['id']), clientKey, origin);
      // Nobody can be asked over this wire, so the gate never wants to.
      if (result.kind === 'input_required') throw new Error('a write at /api asked for a person');
      const { recorded } = result;
      if (result.kind === 'failed') return { outcome: { ok: false, error: result.error }, recorded };
      return { outcome: { ok: true, body: undefined }, recorded };
    });
  }

  private run(
    { scopes, input }: ApiRead | ApiWrite,
    name: string,
    call: ApiCall,
    perform: Operation<ApiSuccess>['perform'],
  ): Promise<ApiSuccess | CallFailure> {
    const parse = (args: unknown): Record<string, unknown> => parseArguments({ name, input }, args);
    return this.calls.run({ ...call, operation: name }, () => ({ name, scopes, parse, perform }));
  }
}
