import type { FastifyRequest } from 'fastify';
import { parseTraceparent, type TraceParent } from '../http/trace-context.js';

/** A header's value; of a repeated one the joined form, as Node hands it over. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The caller's trace: `_meta.traceparent` (MCP 2026-07-28, trace context) before the HTTP header of the hop. */
export function traceOf(request: FastifyRequest, meta: unknown): TraceParent | undefined {
  const fromMeta = (meta as { traceparent?: unknown } | null | undefined)?.traceparent;
  return parseTraceparent(fromMeta) ?? parseTraceparent(headerOf(request, 'traceparent'));
}
