import { isIP } from 'node:net';
import type { Client } from 'oidc-provider';
import type { Config } from '../../../config/config.js';
import type { Resource } from '../../access.decorator.js';
import { ALL_SCOPES, type Scope } from '../../scopes.js';
import { nameOf } from '../clients/registration.js';
import { isRegisteredId } from '../provider/token-ids.js';
import { defaultResource, resourceOf, STATIC_CLIENT_ID } from '../resources.js';

/** Who asks whom for what: what a person must know to say yes or no. */
export interface ConsentRequest {
  readonly clientId: string;
  /** What the app calls itself; proves nothing unless `verified`. */
  readonly clientName: string | null;
  /** Whether it is our own client. */
  readonly verified: boolean;
  /** Host that publishes the app's metadata document; that much is proven. */
  readonly clientHost: string | null;
  /** Whether installations on several machines go by this client id; one that registered itself has an id of its own. */
  readonly shared: boolean;
  readonly resource: Resource;
  /** In their fixed order. */
  readonly scopes: readonly Scope[];
  /** Where the answer goes; null: to the device that showed the code. */
  readonly destination: Destination | null;
}

export interface Destination {
  readonly kind: 'this_computer' | 'website' | 'app';
  /** Host of a website, scheme of an app. */
  readonly name: string;
  /** Source expression (CSP 3) that lets a form's answer redirect there. */
  readonly formAction: string;
}

/** @param parameters of the authorization or device request, as our checks left them */
export function consentRequest(
  client: Client,
  parameters: Readonly<Record<string, unknown>>,
  urls: Pick<Config, 'apiPublicUrl'>,
): ConsentRequest {
  const { scope, resource, redirect_uri: redirectUri } = parameters;
  const asked = new Set(typeof scope === 'string' ? scope.split(' ') : []);
  const { clientId } = client;
  return {
    clientId,
    clientName: nameOf(client.clientName) ?? null,
    verified: clientId === STATIC_CLIENT_ID,
    shared: !isRegisteredId(clientId),
    clientHost: clientId.startsWith('https://') ? new URL(clientId).host : null,
    resource: (typeof resource === 'string' ? resourceOf(urls, resource) : undefined) ?? defaultResource(clientId),
    scopes: ALL_SCOPES.filter((name) => asked.has(name)),
    destination: typeof redirectUri === 'string' ? destinationOf(new URL(redirectUri)) : null,
  };
}

function destinationOf({ protocol, hostname, host, origin }: URL): Destination {
  if (protocol !== 'http:' && protocol !== 'https:') {
    return { kind: 'app', name: protocol.slice(0, -1), formAction: protocol };
  }
  // The grammar of source expressions has no IPv6 addresses.
  const formAction = isIP(hostname.replace(/^\[|\]$/g, '')) === 6 ? protocol : origin;
  // http is loopback: the library lets no other redirect address in.
  return { kind: protocol === 'http:' ? 'this_computer' : 'website', name: host, formAction };
}
