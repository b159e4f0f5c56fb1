import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'prisma/config';

// The native schema engine is downloaded when `prisma` is installed with its install scripts. Where there is none, the
// same engine as WebAssembly, a plain npm package, answers the CLI. (Windows cannot execute a script: there the CLI
// falls back to its download.)
const engines = 'node_modules/@prisma/engines';
const native = existsSync(engines) && readdirSync(engines).some((file) => file.startsWith('schema-engine'));
if (!native && process.platform !== 'win32') process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= './scripts/schema-engine.mjs';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: {
    url: process.env.DATABASE_URL ?? '',
    ...(process.env.SHADOW_DATABASE_URL ? { shadowDatabaseUrl: process.env.SHADOW_DATABASE_URL } : {}),
  },
});
