import { AppError } from '../errors/app-error.js';

const MAX_KEY = 200;

/**
 * A client's Idempotency-Key as it counts.
 * @returns undefined when there is none, or nothing in it
 * @throws AppError invalid_request
 */
export function clientKeyOf(header: string | undefined): string | undefined {
  const key = header?.trim() ?? '';
  if (key.length > MAX_KEY) {
    throw new AppError('invalid_request', { detail: `Idempotency-Key: at most ${MAX_KEY} characters.` });
  }
  return key === '' ? undefined : key;
}
