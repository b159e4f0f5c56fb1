import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ToolCall, ToolSuccess } from '../../tools/tool-call.js';
import { ToolRunner } from '../../tools/tool-runner.js';
import { Answers } from '../answers.js';
import { callerOf, idempotencyHeader } from '../caller.js';
import { addressArguments, bodyArguments } from '../request-arguments.js';
import { holdsTag } from './entity-tag.js';
import type { ReadRoute, WriteRoute } from './tool-routes.js';

/** The tools as REST shows them. */
@Injectable()
export class ToolEndpoint {
  constructor(
    private readonly runner: ToolRunner,
    private readonly answers: Answers,
  ) {}

  /**
   * A read. Its answer has a tag, so that asking again for what has not changed costs no more than a header.
   * @throws AppError as the runner says
   */
  async read({ tool, list }: ReadRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const args = addressArguments(request, tool.input);
    const { structured, text } = await this.run({ tool: tool.name, args }, request, reply);
    const body = list === undefined ? text : JSON.stringify(structured[list]);
    const tag = `"${hash('sha256', body, 'base64url').slice(0, 27)}"`;
    void reply.headers({ etag: tag, 'cache-control': 'private, no-cache' });
    if (holdsTag(request.headers['if-none-match'], tag)) void reply.code(304).send();
    else void reply.type('application/json').send(body);
  }

  /** One half of a write. @throws AppError as the runner says */
  async write({ tool, half }: WriteRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const call = { tool: tool.name, args: bodyArguments(request), half, idempotencyKey: idempotencyHeader(request) };
    const { text } = await this.run(call, request, reply);
    void reply.code(200).header('cache-control', 'no-store').type('application/json').send(text);
  }

  private async run(
    call: Pick<ToolCall, 'tool' | 'args' | 'half' | 'idempotencyKey'>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<ToolSuccess> {
    const caller = callerOf(request, reply, 'rest');
    const outcome = await this.runner.run({ ...caller, ...call });
    await this.answers.announce(reply, caller.principal);
    if (!outcome.ok) throw this.answers.refusal(outcome.error, caller.principal, 'v1');
    return outcome;
  }
}
