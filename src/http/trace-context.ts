/** W3C Trace Context §3.2: version-traceid-parentid-flags; an all-zero id is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Whose trace a request belongs to, and under which of its spans. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a `traceparent` says, if it is one. Its flags are not ours to obey. */
export function parseTraceparent(value: unknown): TraceParent | undefined {
  if (typeof value !== 'string') return undefined;
  const [, traceId, spanId] = TRACEPARENT.exec(value) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId };
}
