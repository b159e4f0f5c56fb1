import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Answer } from './answer.js';

/**
 * Reads a body.
 * @returns its text, or undefined when it is larger than `limit` bytes (the rest is thrown away)
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** Sends an answer whole. */
export function send(response: ServerResponse, answer: Answer): void {
  const bytes = bytesOf(answer);
  response.writeHead(answer.status, headersOf(answer, bytes.length));
  response.end(bytes);
}

/** Promises the whole answer, sends half of it and breaks the connection. */
export function sendHalf(response: ServerResponse, answer: Answer): void {
  const bytes = bytesOf(answer.body === undefined ? { ...answer, body: {} } : answer);
  response.writeHead(answer.status, headersOf(answer, bytes.length));
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

function bytesOf({ body }: Answer): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function headersOf({ body }: Answer, length: number): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'Content-Length': length };
  if (body !== undefined) headers['Content-Type'] = 'application/json; charset=utf-8';
  return headers;
}
