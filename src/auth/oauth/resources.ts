import type { Config } from '../../config/config.js';
import type { Resource } from '../access.decorator.js';

type Urls = Pick<Config, 'apiPublicUrl'>;

/** All of them. */
export const RESOURCES: readonly Resource[] = ['mcp', 'v1', 'api'];

/** The public client of the npm package: registered by us, for everybody. */
export const STATIC_CLIENT_ID = 'tradecafe-mcp';

/** The identifier (RFC 8707 §2) of what a token is presented at. */
export function resourceUrl({ apiPublicUrl }: Urls, resource: Resource): string {
  return `${apiPublicUrl}/${resource}`;
}

/**
 * What a resource indicator names. Clients derive it from the address they were given, some with a slash at the end;
 * the bare host stands for `/mcp`.
 */
export function resourceOf(urls: Urls, indicator: string): Resource | undefined {
  const plain = indicator.replace(/\/$/, '');
  if (plain === urls.apiPublicUrl) return 'mcp';
  return RESOURCES.find((resource) => plain === resourceUrl(urls, resource));
}

/** The resource of who names none: the npm client calls /api, every other one came for MCP. */
export function defaultResource(clientId: string): Resource {
  return clientId === STATIC_CLIENT_ID ? 'api' : 'mcp';
}
