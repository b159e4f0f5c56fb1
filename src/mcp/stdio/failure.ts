import { SdkError, SdkHttpError } from '@modelcontextprotocol/client';
import type { JSONRPCRequest, JSONRPCResponse } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { AppError } from '../../errors/app-error.js';
import { META_ERROR } from '../product/call-result.js';
import { errorText, RPC } from '../json-rpc.js';
import { isModern } from './era.js';

/** The JSON-RPC form of a failure. */
interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * What a client gets for a request that the backend gave no answer to, or refused by HTTP: a tool call's is a tool
 * error, which a model reads; any other's a JSON-RPC error.
 */
export function failureAnswer(request: JSONRPCRequest, error: unknown): JSONRPCResponse {
  const refusal = refusalOf(error);
  const { id } = request;
  if (request.method !== 'tools/call' || refusal.code !== RPC.transport) return { jsonrpc: '2.0', id, error: refusal };
  return {
    jsonrpc: '2.0',
    id,
    result: {
      ...(isModern(request) ? { resultType: 'complete' } : {}),
      content: [{ type: 'text', text: refusal.message }],
      isError: true,
      _meta: { [META_ERROR]: refusal.data ?? {} },
    },
  };
}

/** The JSON-RPC error in the body of an HTTP refusal, as our backend sends it. */
export function refusalIn(error: SdkHttpError): Refusal | undefined {
  try {
    const { error: refusal } = JSON.parse(String(error.data['text'])) as { error?: Refusal };
    return typeof refusal?.code === 'number' && typeof refusal.message === 'string' ? refusal : undefined;
  } catch {
    // A proxy's page, or none of ours.
    return undefined;
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof SdkHttpError) {
    return refusalIn(error) ?? refusalOf(notOurs(`It answered with HTTP status ${error.status}.`, error));
  }
  if (error instanceof SdkError || error instanceof SyntaxError || error instanceof z.core.$ZodError) {
    return refusalOf(notOurs('It answered in a form that is not MCP.', error));
  }
  // undici's, while a body is read: the connection broke.
  if (error instanceof TypeError) {
    return refusalOf(new AppError('backend_unreachable', { detail: 'The connection was cut.', cause: error }));
  }
  const known = error instanceof AppError ? error : new AppError('internal_error', { cause: error });
  const { code, data, entry } = known;
  return { code: RPC.transport, message: errorText(known), data: { ...data, code, next: entry.next } };
}

function notOurs(detail: string, cause: Error): AppError {
  return new AppError('backend_unreachable', { detail: `${detail} Is TRADECAFE_API_BASE_URL right?`, cause });
}
