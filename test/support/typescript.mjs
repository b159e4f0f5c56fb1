// `node --import ./test/support/typescript.mjs file.ts` runs TypeScript from its sources, for tests that need a process
// of their own. (Node 20 cannot by itself, and Jest's transform ends at its own modules.)
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
