// Module hooks of typescript.mjs: `./x.js` means `./x.ts` where only that is there, and .ts is compiled as Jest does it.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const TYPESCRIPT = /\.tsx?$/;
const { $schema: _, ...options } = JSON.parse(await readFile(new URL('../../.swcrc', import.meta.url), 'utf8'));

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
  const source = await readFile(filename, 'utf8');
  const { code } = await transform(source, {
    ...options,
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
