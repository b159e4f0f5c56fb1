import { createHash } from 'node:crypto';
import type { Principal } from '../../auth/principal.js';
import type { Scope } from '../../auth/scopes.js';
import type { UserUpstream } from '../../pwa-be/pwa-be.client.js';
import type { FixedResource } from '../resources/resource.js';
import { RESOURCES } from '../resources/resource-registry.js';
import { isShown } from '../visibility.js';

const LIVE: ReadonlyMap<string, FixedResource> = new Map(
  RESOURCES.filter(({ live }) => live).map((resource) => [resource.uri, resource]),
);

/** Those of the URIs that can be listened to and that the caller is shown, each once, in the order of the list. */
export function listenable(uris: readonly string[], principal: Principal): readonly string[] {
  return [...LIVE.values()]
    .filter(({ uri, tool }) => uris.includes(uri) && isShown(principal, [tool.scope]))
    .map(({ uri }) => uri);
}

/** The scope that listening to these is decided by: one that the caller does not have, if there is one. */
export function decidingScope([first, ...rest]: readonly [string, ...string[]], { scopes }: Principal): Scope {
  const needed = [first, ...rest].map((uri) => LIVE.get(uri)!.tool.scope);
  return needed.find((scope) => !scopes.has(scope)) ?? needed[0]!;
}

/** A fingerprint of all that the public sees of a live resource: equal if and only if a reading would answer the same. */
export async function fingerprint(uri: string, principal: Principal, upstream: UserUpstream): Promise<string> {
  const { tool, args } = LIVE.get(uri)!;
  const content = JSON.stringify(await tool.handler(args, { principal, upstream }));
  return createHash('sha256').update(content).digest('base64');
}
