import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/principal.js';
import type { TraceParent } from '../http/trace-context.js';

/** One POST to /mcp that passed the entry checks: who asks, with which body, and where the answer goes. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly principal: Principal;
  readonly body: Readonly<Record<string, unknown>>;
  /** Self-declared name and version of the client; proves nothing. */
  readonly clientName: string | undefined;
  /** The caller's own span, from `_meta.traceparent` or the header. */
  readonly trace: TraceParent | undefined;
  readonly protocolVersion: string | undefined;
}
