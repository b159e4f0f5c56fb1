import { setTimeout as delay } from 'node:timers/promises';

/** What ours writes and seals after the last answer belongs to the calls as well: the sealer looks each second. */
const SETTLE_MS = 1_300;

/**
 * Puts a counted load on a server and says what each of its calls cost.
 * @param database of the product, whose work after the load is waited for; undefined: a peer's, which has none
 * @returns what the load says, and CPU microseconds a call, of the server's process and of the database's
 */
export async function measured(server, database, amount, putLoad) {
  const before = await server.usage();
  const databaseBefore = database?.cpuMicros();
  const result = await putLoad();
  if (database !== undefined) await delay(SETTLE_MS);
  const after = await server.usage();
  const databaseAfter = database?.cpuMicros();
  return {
    ...result,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / amount,
    databaseMicros: databaseBefore === undefined ? undefined : (databaseAfter - databaseBefore) / amount,
    rssMb: after.memory.rss / 1e6,
  };
}
