/** How programs in use call themselves, and how people do; browsers all begin as Mozilla, the most particular first. */
const KNOWN = [
  [/^@tradecafe-ai\/mcp\b/, 'The npm client'],
  [/^claude-code\b/i, 'Claude Code'],
  [/^claude(?:-ai|-desktop)?\b/i, 'Claude'],
  [/^cursor\b/i, 'Cursor'],
  [/^visual studio code\b/i, 'VS Code'],
  [/^chatgpt\b/i, 'ChatGPT'],
  [/^curl\b/, 'curl'],
  [/^Mozilla\/.* Edg\w*\//, 'Edge'],
  [/^Mozilla\/.* OPR\//, 'Opera'],
  [/^Mozilla\/.* Firefox\//, 'Firefox'],
  [/^Mozilla\/.* (?:Headless)?Chrome\//, 'Chrome'],
  [/^Mozilla\/.* Safari\//, 'Safari'],
] as const;

/** The name by which people know a program; undefined: what it says is all there is. A claim in either form. */
export function programName(claim: string): string | undefined {
  return KNOWN.find(([pattern]) => pattern.test(claim))?.[1];
}
