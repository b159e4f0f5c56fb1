import type { Scope } from '../auth/scopes.js';

/** An icon as listings carry it (MCP 2026-07-28, basic/index, icons). */
export interface Icon {
  /** A `data:` URI: clients need not fetch anything from anywhere, and must not over plain http. */
  readonly src: string;
  readonly mimeType: string;
  readonly sizes: readonly string[];
}

/** One drawing for each kind of data, on a canvas of 24 by 24: what is read with the same scope looks alike. */
const DRAWINGS: Readonly<Record<Scope, string>> = {
  'read:account': '<circle cx="12" cy="8" r="4"/><path d="M4 21a8 8 0 0 1 16 0"/>',
  'read:signals': '<path d="M3 12h4l3-8 4 16 3-8h4"/>',
  'read:positions': '<path d="M3 20h18M7 16V9M12 16V4M17 16v-5"/>',
  'read:billing': '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3 10h18"/>',
  'read:pool': '<ellipse cx="12" cy="6" rx="8" ry="3"/><path d="M4 6v12c0 4 16 4 16 0V6M4 12c0 4 16 4 16 0"/>',
  'read:referrals':
    '<circle cx="8" cy="12" r="4"/><circle cx="18" cy="6" r="2"/><circle cx="18" cy="18" r="2"/><path d="m12 10 4-3M12 14l4 3"/>',
  'write:trades': '<path d="M4 8h14l-4-4M20 16H6l4 4"/>',
};

const ICONS = new Map(Object.entries(DRAWINGS).map(([scope, drawing]) => [scope, [svgIcon(drawing)] as const]));

/** The icons of what needs this scope. */
export function iconsOf(scope: Scope): readonly Icon[] {
  return ICONS.get(scope)!;
}

function svgIcon(drawing: string): Icon {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#00b4a6" stroke-width="2" ' +
    `stroke-linecap="round" stroke-linejoin="round">${drawing}</svg>`;
  return {
    src: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    mimeType: 'image/svg+xml',
    sizes: ['any'],
  };
}
