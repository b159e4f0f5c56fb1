// A process that owns the embedded database of a directory: `embedded-owner.ts DATA_DIR`. Prints one line of JSON when it
// is ready ({url}) or refused ({error}); stops in order when its standard input ends.
import { startEmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js';

try {
  const server = await startEmbeddedPostgres(process.argv[2] ?? '');
  process.stdin.once('end', () => void server.stop().then(() => process.exit(0))).resume();
  process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
  process.exit(1);
}
