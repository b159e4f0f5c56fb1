import { resolve } from 'node:path';
import { z } from 'zod';
import { generatedSecrets } from '../config/secrets.js';
import { startSandbox } from './start-sandbox.js';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const environment = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65535).default(0),
  PWA_BE_JWT_SECRET: z.string().min(32).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  SANDBOX_DEDUPE: flag.default(true),
  SANDBOX_PENDING: flag.default(true),
});

/** The sandbox alone, until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  // An empty variable is an unset one, as everywhere.
  const set = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) throw new Error(`The environment is not usable:\n${z.prettifyError(parsed.error)}`);
  const values = parsed.data;
  const jwtSecret = values.PWA_BE_JWT_SECRET ?? generatedSecrets(resolve(values.DATA_DIR)).pwaBeJwtSecret;
  const sandbox = await startSandbox({
    port: values.SANDBOX_PORT,
    jwtSecret,
    dedupe: values.SANDBOX_DEDUPE,
    sendPending: values.SANDBOX_PENDING,
  });
  const secretHint =
    values.PWA_BE_JWT_SECRET === undefined
      ? `(the pwaBeJwtSecret in ${resolve(values.DATA_DIR, 'secrets.json')})`
      : '(the same as here)';
  process.stdout.write(
    `Sandbox: a stand-in for pwa-be with synthetic data, at ${sandbox.baseUrl}\n` +
      `Control routes: ${sandbox.controlUrl}\n` +
      `To use it, set for the server:\n` +
      `  TRADECAFE_MODE=mock\n` +
      `  PWA_BE_BASE_URL=${sandbox.baseUrl}\n` +
      `  PWA_BE_JWT_SECRET=... ${secretHint}\n`,
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
