import type { Prisma } from '../generated/prisma/client.js';

/** Channel that ends cached answers on every instance. Payloads: `pat:<id>`, `grant:<id>`, `user:<id>`. */
export const AUTH_INVALIDATE = 'auth_invalidate';

/**
 * Tells every instance to forget what carries this tag, at the moment the transaction commits: never before, and never
 * without the change it belongs to.
 */
export async function notifyInvalid(transaction: Prisma.TransactionClient, tag: string): Promise<void> {
  await transaction.$executeRaw`SELECT pg_notify(${AUTH_INVALIDATE}, ${tag})`;
}
