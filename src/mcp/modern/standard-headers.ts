import type { FastifyRequest } from 'fastify';
import { headerOf } from '../request-headers.js';

/** Methods whose body value `Mcp-Name` has to repeat (SEP-2243, Standard Request Headers). */
const NAME_SOURCE: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/**
 * Whether the required headers are there and agree with the body. The SDK's classifier compares those that it is given;
 * their presence, and `Mcp-Name`, are the entry's to check.
 * @returns what is wrong, or undefined
 */
export function standardHeaderProblem(
  request: FastifyRequest,
  message: { readonly method: string; readonly params?: unknown },
): string | undefined {
  if (headerOf(request, 'mcp-protocol-version') === undefined) return 'the MCP-Protocol-Version header is missing';
  if (headerOf(request, 'mcp-method') === undefined) return 'the Mcp-Method header is missing';
  const field = Object.hasOwn(NAME_SOURCE, message.method) ? NAME_SOURCE[message.method] : undefined;
  if (field === undefined) return undefined;
  const wanted = (message.params as Record<string, unknown> | undefined)?.[field];
  const header = headerOf(request, 'mcp-name')?.trim();
  // Without a value in the body the body itself is what is wrong; the protocol layer says so.
  if (typeof wanted !== 'string') return undefined;
  if (header === undefined) return `the Mcp-Name header is missing: it repeats params.${field}`;
  return decode(header) === wanted ? undefined : `the Mcp-Name header does not repeat params.${field}`;
}

/** Values that are no visible ASCII travel as `=?base64?…?=`; what is not both begun and ended so stands for itself. */
function decode(value: string): string | undefined {
  if (!value.startsWith('=?base64?') || !value.endsWith('?=')) return value;
  const encoded = value.slice('=?base64?'.length, -'?='.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Decoding skips what is no base64; only the one right spelling counts, padding and all.
  return bytes.toString('base64') === encoded ? bytes.toString('utf8') : undefined;
}
