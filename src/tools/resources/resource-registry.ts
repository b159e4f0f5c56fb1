import type { Principal } from '../../auth/principal.js';
import { type Icon, iconsOf } from '../icons.js';
import { isShown } from '../visibility.js';
import { account } from './account.resource.js';
import { liveSignals } from './live-signals.resource.js';
import { openPositions } from './open-positions.resource.js';
import { pnl } from './pnl.resource.js';
import { type FixedResource, type Resource, RESOURCE_MIME_TYPE, type ResourceTemplate } from './resource.js';
import { signal } from './signal.resource.js';

/** THE list of resources, in the order in which every listing shows them. */
export const RESOURCES: readonly FixedResource[] = [account, openPositions, liveSignals];

/** THE list of templates, in order. */
export const RESOURCE_TEMPLATES: readonly ResourceTemplate[] = [signal, pnl];

/** What a listing says about any resource. */
interface PublishedFace {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  readonly icons: readonly Icon[];
}

export type PublishedResource = PublishedFace & { readonly uri: string };
export type PublishedTemplate = PublishedFace & { readonly uriTemplate: string };

/** All resources as published, in order. */
export const publishedResources: readonly PublishedResource[] = RESOURCES.map((resource) => ({
  uri: resource.uri,
  ...face(resource),
}));

/** All templates as published, in order. */
export const publishedTemplates: readonly PublishedTemplate[] = RESOURCE_TEMPLATES.map((template) => ({
  uriTemplate: template.uriTemplate,
  ...face(template),
}));

/** The resources that a caller is shown. */
export function resourcesFor(principal: Principal): readonly PublishedResource[] {
  return publishedResources.filter((_, index) => isShown(principal, [RESOURCES[index]!.tool.scope]));
}

/** The templates that a caller is shown. */
export function templatesFor(principal: Principal): readonly PublishedTemplate[] {
  return publishedTemplates.filter((_, index) => isShown(principal, [RESOURCE_TEMPLATES[index]!.tool.scope]));
}

/** A resource, and what the URI says for the template's variable. */
export interface FoundResource {
  readonly resource: Resource;
  readonly variables: Readonly<Record<string, string>>;
}

/** The resource of a URI, if there is one. A fixed one comes before the templates that would fit it as well. */
export function findResource(uri: string): FoundResource | undefined {
  const fixed = RESOURCES.find((resource) => resource.uri === uri);
  if (fixed !== undefined) return { resource: fixed, variables: {} };
  for (const resource of RESOURCE_TEMPLATES) {
    const value = variableOf(resource, uri);
    if (value !== undefined) return { resource, variables: { [resource.variable]: value } };
  }
  return undefined;
}

/**
 * RFC 6570 §3.2.2: a simple expansion holds unreserved characters and percent-encoded octets. A colon as it is, too: ids
 * may have one, a path may (RFC 3986 §3.3), and not every client expands by the book.
 */
const EXPANSION = /^(?:[\w.~:-]|%[0-9A-Fa-f]{2})+$/;

function variableOf({ uriTemplate, variable }: ResourceTemplate, uri: string): string | undefined {
  const prefix = uriTemplate.slice(0, -`{${variable}}`.length);
  const encoded = uri.startsWith(prefix) ? uri.slice(prefix.length) : '';
  if (!EXPANSION.test(encoded)) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Octets that are no UTF-8 name nothing.
    return undefined;
  }
}

function face({ name, title, description, tool }: Resource): PublishedFace {
  return { name, title, description, mimeType: RESOURCE_MIME_TYPE, icons: iconsOf(tool.scope) };
}
