import type { FastifyRequest } from 'fastify';

/** A header's value; of a repeated one the joined form, as Node hands it over. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** W3C Trace Context §3.2: version-traceid-parentid-flags; an all-zero trace id is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's trace id: `_meta.traceparent` (MCP 2026-07-28, trace context) before the HTTP header of the hop. */
export function traceIdOf(request: FastifyRequest, meta: unknown): string | undefined {
  const fromMeta = (meta as { traceparent?: unknown } | null | undefined)?.traceparent;
  const candidates = [fromMeta, headerOf(request, 'traceparent')];
  for (const candidate of candidates) {
    const match = typeof candidate === 'string' ? TRACEPARENT.exec(candidate) : null;
    if (match) return match[1];
  }
  return undefined;
}
