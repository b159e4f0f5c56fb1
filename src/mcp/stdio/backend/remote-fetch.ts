import { AppError } from '../../../errors/app-error.js';
import type { Fetch } from './backend.js';

/**
 * The network's `fetch`, with a bound and in our words.
 * @param timeoutMs until the answer begins; a stream may then last as long as it is open
 * @returns a fetch that rejects with AppError backend_unreachable or backend_timeout, or as the caller's signal says
 */
export function remoteFetch(timeoutMs: number, network: Fetch = fetch): Fetch {
  return async (url, init) => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      const signals = [late.signal, init?.signal].filter((signal) => signal instanceof AbortSignal);
      return await network(url, { ...init, signal: AbortSignal.any(signals) });
    } catch (cause) {
      if (init?.signal?.aborted === true) throw cause;
      const { host } = new URL(url);
      if (late.signal.aborted) {
        throw new AppError('backend_timeout', { detail: `${host} took longer than ${timeoutMs} ms.`, cause });
      }
      throw new AppError('backend_unreachable', { detail: `${host} (${reasonOf(cause)}).`, cause });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** The system's code, e.g. ECONNREFUSED; undici hides it in the cause. */
function reasonOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined || cause === null ? 'no connection' : reasonOf(cause);
}
