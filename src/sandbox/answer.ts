import { STATUS_CODES } from 'node:http';

/** What the sandbox answers. Without `body` the answer is empty, with `Content-Length: 0`. */
export interface Answer {
  readonly status: number;
  /** JSON; a string is sent as it is. */
  readonly body?: unknown;
}

/** A refusal in the shape of pwa-be's framework. */
export function refusal(status: number, message: string): Answer {
  return { status, body: { statusCode: status, message, error: STATUS_CODES[status] ?? 'Error' } };
}
