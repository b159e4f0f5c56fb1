import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';

/** Whether a request is of an era without handshake: it carries its protocol version itself (MCP 2026-07-28, basic). */
export function isModern({ params }: { readonly params?: unknown }): boolean {
  const { _meta: meta } = (params ?? {}) as { _meta?: Record<string, unknown> };
  return typeof meta?.[PROTOCOL_VERSION_META_KEY] === 'string';
}
