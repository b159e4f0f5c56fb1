// Module hooks of typescript.mjs: `./x.js` means `./x.ts` where only that is there, and .ts is compiled as Jest does it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { threadId } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const TYPESCRIPT = /\.tsx?$/;
const { $schema: _, ...rest } = JSON.parse(readFileSync(new URL('../../.swcrc', import.meta.url), 'utf8'));
const options = { ...rest, swcrc: false, sourceMaps: false, module: { type: 'es6' } };
const compiler = createRequire(import.meta.url)('@swc/core/package.json').version;
/** Processes of one test run compile the same files: half of a start would be that. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/tradecafe-mcp/typescript/', import.meta.url));
mkdirSync(CACHE, { recursive: true });

export async function resolve(specifier, context, nextResolve) {
  if (!specifier.startsWith('.') || !TYPESCRIPT.test(context.parentURL ?? '')) return nextResolve(specifier, context);
  const url = new URL(specifier, context.parentURL);
  const sources = ['.ts', '.tsx'].map((extension) => new URL(url.href.replace(/\.js$/, extension)));
  const source = existsSync(fileURLToPath(url))
    ? undefined
    : sources.find((candidate) => existsSync(fileURLToPath(candidate)));
  return nextResolve(source?.href ?? specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !TYPESCRIPT.test(url)) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  return { format: 'module', source: await compiled(filename, readFileSync(filename, 'utf8')), shortCircuit: true };
}

/** From the cache, when file, compiler and options are those of last time. */
async function compiled(filename, source) {
  const hash = (...parts) => createHash('sha256').update(parts.join('\0')).digest('hex');
  const file = `${CACHE}${hash(filename).slice(0, 32)}`;
  const key = hash(compiler, JSON.stringify(options), filename, source);
  const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (known.startsWith(key)) return known.slice(key.length);
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, { ...options, filename });
  // Others read it meanwhile: they see the old one or the new one, whole.
  const written = `${file}.${process.pid}.${threadId}`;
  writeFileSync(written, key + code);
  renameSync(written, file);
  return code;
}
