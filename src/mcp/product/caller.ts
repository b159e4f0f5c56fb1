import type { Caller } from '../../tools/tool-call.js';
import type { Exchange } from '../exchange.js';
import { requestIdOf } from '../json-rpc.js';

/** The exchange as the path of every call wants it. */
export function callerOf(
  { principal, request, body, trace, clientName, protocolVersion }: Exchange,
  signal: AbortSignal,
) {
  return {
    principal,
    transport: 'mcp',
    requestId: request.id,
    trace,
    rpc: { method: String(body['method']), id: requestIdOf(body) ?? undefined, protocolVersion },
    clientName,
    address: request.ip,
    signal,
  } satisfies Caller;
}
