/** W3C Trace Context §3.2: version-traceid-parentid-flags; an all-zero trace id is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace id of a `traceparent`, if it is one. */
export function parseTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' ? TRACEPARENT.exec(value)?.[1] : undefined;
}
