/** The entries of the navigation, in their order. */
export const SECTIONS = {
  tokens: { href: '/settings/tokens', label: 'Tokens' },
  apps: { href: '/settings/apps', label: 'Apps' },
  activity: { href: '/settings/activity', label: 'Activity' },
  docs: { href: '/docs', label: 'Docs' },
} as const;

/** Which entry of the navigation a page belongs to. */
export type Section = keyof typeof SECTIONS;

/** Whether a text names a section. */
export function isSection(name: string | undefined): name is Section {
  return name !== undefined && Object.hasOwn(SECTIONS, name);
}
