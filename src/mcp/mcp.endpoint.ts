import { Injectable } from '@nestjs/common';
import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../auth/request-identity.js';
import { checkEntry } from './entry-checks.js';
import { requestIdOf, rpcError } from './json-rpc.js';
import { LegacyLeg } from './legacy/legacy-leg.js';
import { ModernLeg } from './modern/modern-leg.js';
import { headerOf } from './request-headers.js';

/** The one entry of /mcp: checks the envelope, tells the two protocol eras apart and hands over to the leg that serves. */
@Injectable()
export class McpEndpoint {
  constructor(
    private readonly legacy: LegacyLeg,
    private readonly modern: ModernLeg,
  ) {}

  /** @throws AppError for everything wrong with the HTTP envelope; the rest is answered as JSON-RPC */
  async handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    checkEntry(request);
    const principal = principalOf(request);
    const outcome = classify(request);
    switch (outcome.kind) {
      case 'reject':
        void reply
          .code(outcome.httpStatus)
          .type('application/json')
          .send(JSON.stringify(rpcError(requestIdOf(request.body), outcome.code, outcome.message, outcome.data)));
        return;
      case 'legacy':
        return this.legacy.serve(request, reply, principal);
      case 'modern':
        return this.modern.serve(request, reply, principal, outcome);
    }
  }
}

function classify(request: FastifyRequest): InboundClassificationOutcome {
  return classifyInboundRequest({
    httpMethod: 'POST',
    protocolVersionHeader: headerOf(request, 'mcp-protocol-version'),
    mcpMethodHeader: headerOf(request, 'mcp-method'),
    mcpNameHeader: headerOf(request, 'mcp-name'),
    body: request.body,
  });
}
