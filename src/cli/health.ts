/** Asks the service in this container whether it lives, for images without curl. Exit code 0 when it does. */
const port = process.env['PORT'] ?? '3000';
try {
  const { status } = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_500) });
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
