import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Readonly<Record<string, { readonly version: string }>>;
};

/** Package and the first version without its known advisories. */
const ROWS = [...read('SECURITY.md').matchAll(/^\| `([^`]+)`[^|]*\| ([\d.]+) \|/gm)].map(
  ([, name, mended]) => [name!, mended!] as const,
);

const numbers = (version: string): number[] => version.split(/[.-]/, 3).map(Number);

function isAtLeast(version: string, least: string): boolean {
  const [one, other] = [numbers(version), numbers(least)];
  const differing = one.findIndex((part, index) => part !== other[index]);
  return differing === -1 || one[differing]! > other[differing]!;
}

it('SECURITY.md names the advisories of several packages', () => {
  expect(ROWS.length).toBeGreaterThan(5);
});

it.each(ROWS)('every %s that is installed is at least %s', (name, mended) => {
  const installed = Object.entries(packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
  expect(installed.length).toBeGreaterThan(0);
  expect(installed.filter(([, { version }]) => !isAtLeast(version, mended))).toEqual([]);
});

it.each([
  ['5.12.8', '5.8.5', true],
  ['5.8.5', '5.8.5', true],
  ['6.0.0', '5.8.5', true],
  ['5.8.4', '5.8.5', false],
  ['4.99.99', '5.0.0', false],
])('%s against %s', (version, least, enough) => {
  expect(isAtLeast(version, least)).toBe(enough);
});
