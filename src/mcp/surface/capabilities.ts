import type { McpSurface } from './surface.js';

/** ServerCapabilities of MCP: what is there is declared, nothing else. */
export interface Capabilities {
  [capability: string]: object;
}

/** What a surface offers in one era; made once. */
export function capabilitiesOf(surface: McpSurface, era: 'legacy' | 'modern'): Capabilities {
  const { tools, resources, prompts, completions, logging } = surface;
  // The handshake revisions would deliver changed lists on a GET stream, which is not there.
  const lists = (provider: { readonly watchList?: unknown }): object =>
    era === 'modern' && provider.watchList !== undefined ? { listChanged: true } : {};
  const subscribable = era === 'modern' ? resources?.watch !== undefined : resources?.subscriptions !== undefined;
  return {
    tools: lists(tools),
    ...(resources && { resources: { ...lists(resources), ...(subscribable && { subscribe: true }) } }),
    ...(prompts && { prompts: lists(prompts) }),
    ...(completions && { completions: {} }),
    ...(logging && { logging: {} }),
  };
}
