import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One static file, read once. */
export interface Asset {
  readonly type: string;
  readonly content: string;
  /** First 64 bits of the content's SHA-256, hex: names a version in addresses and ETags. */
  readonly version: string;
}

const TYPES = {
  'site.css': 'text/css; charset=utf-8',
  'site.js': 'text/javascript; charset=utf-8',
  'favicon.svg': 'image/svg+xml',
} as const;

export type AssetName = keyof typeof TYPES;

const ASSETS: ReadonlyMap<string, Asset> = new Map(
  Object.entries(TYPES).map(([name, type]) => [name, read(name, type)] as const),
);

/** The file of that name, if there is one. */
export function findAsset(name: string): Asset | undefined {
  return ASSETS.get(name);
}

/** Path of a file's present version; another version has another path, so that it may be cached for ever. */
export function assetPath(name: AssetName): string {
  return `/assets/${name}?v=${ASSETS.get(name)!.version}`;
}

function read(name: string, type: string): Asset {
  const content = readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
  return { type, content, version: createHash('sha256').update(content).digest('hex').slice(0, 16) };
}
