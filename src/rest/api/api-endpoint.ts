import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiRead, ApiWrite } from '../../tools/api/api-operation.js';
import { ApiRunner, type ApiSuccess } from '../../tools/api/api-runner.js';
import type { Caller, CallFailure } from '../../tools/tool-call.js';
import { Answers } from '../answers.js';
import { callerOf, idempotencyHeader } from '../caller.js';
import { addressArguments, bodyArguments } from '../request-arguments.js';

/** pwa-be's own paths, for clients that speak them. */
@Injectable()
export class ApiEndpoint {
  constructor(
    private readonly runner: ApiRunner,
    private readonly answers: Answers,
  ) {}

  /** @throws AppError as the runner says */
  async read(operation: ApiRead, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = callerOf(request, reply, 'api');
    const args = addressArguments(request, operation.input);
    await this.answer(await this.runner.read(operation, { ...caller, args }), caller, reply);
  }

  /** @throws AppError as the runner says */
  async write(operation: ApiWrite, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = callerOf(request, reply, 'api');
    const call = { ...caller, args: bodyArguments(request) };
    await this.answer(await this.runner.write(operation, call, idempotencyHeader(request)), caller, reply);
  }

  private async answer(outcome: ApiSuccess | CallFailure, { principal }: Caller, reply: FastifyReply): Promise<void> {
    await this.answers.announce(reply, principal);
    if (!outcome.ok) throw this.answers.refusal(outcome.error, principal, 'api');
    const { body } = outcome;
    void reply.code(200).header('cache-control', 'no-store');
    // pwa-be answers its writes with an empty body.
    if (body === undefined) void reply.header('content-length', '0').send('');
    else void reply.type('application/json').send(JSON.stringify(body));
  }
}
