import { InitializeRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/**
 * What is wrong with the parameters of a legacy request, in one sentence: the SDK would answer with its validator's dump,
 * as an internal error.
 * @returns undefined when nothing is, or when it is the SDK's to say
 */
export function paramsProblem(method: unknown, params: unknown): string | undefined {
  if (method === 'initialize')
    return InitializeRequestSchema.safeParse({ method, params }).success ? undefined : HANDSHAKE;
  if (params !== undefined && !isObject(params)) return 'params must be an object.';
  if (method !== 'tools/call') return undefined;
  const { name, arguments: args } = (params ?? {}) as { name?: unknown; arguments?: unknown };
  if (typeof name !== 'string') return 'params.name must be the name of a tool.';
  if (args !== undefined && !isObject(args)) return 'params.arguments must be an object.';
  return undefined;
}

const HANDSHAKE =
  'initialize needs params.protocolVersion, params.capabilities and params.clientInfo with name and version.';

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
