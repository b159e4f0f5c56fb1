import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../auth/request-identity.js';
import { parseTraceparent } from '../http/trace-context.js';
import type { Caller } from '../tools/tool-call.js';

/** Who calls by this request; `signal` fires when the client goes away before its answer. */
export function callerOf(request: FastifyRequest, reply: FastifyReply, transport: 'rest' | 'api'): Caller {
  const abort = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) abort.abort();
  });
  return {
    principal: principalOf(request),
    transport,
    requestId: request.id,
    trace: parseTraceparent(request.headers['traceparent']),
    clientName: request.headers['user-agent'],
    address: request.ip,
    signal: abort.signal,
  };
}

/** The client's Idempotency-Key; what it is good for, the safety room decides. */
export function idempotencyHeader({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  return Array.isArray(key) ? key.join(', ') : key;
}
