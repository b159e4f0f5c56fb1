import { Controller, Get, Header, Inject, Param } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { Access, type Resource } from '../access.decorator.js';
import { ALL_SCOPES } from '../scopes.js';
import { authorizationServerMetadata, type AuthorizationServerMetadata } from './metadata.js';
import { RESOURCES, resourceUrl } from './resources.js';

/** RFC 9728 §2, the members this service has. */
interface ProtectedResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly resource_name: string;
  readonly resource_documentation: string;
}

/** The documents by which a client finds out how to get a token. Built from configuration, never from the Host header. */
@Controller('.well-known')
@Access('public')
export class DiscoveryController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Get('oauth-protected-resource')
  @Header('cache-control', 'public, max-age=300')
  root(): ProtectedResourceMetadata {
    // A client that looks at the root wants the endpoint that it was given by URL alone, which is /mcp.
    return this.resource('mcp');
  }

  @Get('oauth-protected-resource/:resource')
  @Header('cache-control', 'public, max-age=300')
  resource(@Param('resource') resource: string): ProtectedResourceMetadata {
    if (!isResource(resource)) throw new AppError('not_found');
    const { publicUrl } = this.config;
    return {
      resource: resourceUrl(this.config, resource),
      authorization_servers: [publicUrl],
      scopes_supported: ALL_SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'TradeCafe',
      resource_documentation: `${publicUrl}/docs`,
    };
  }

  @Get('oauth-authorization-server')
  @Header('cache-control', 'public, max-age=300')
  authorizationServer(): AuthorizationServerMetadata {
    return authorizationServerMetadata(this.config);
  }
}

function isResource(name: string): name is Resource {
  return (RESOURCES as readonly string[]).includes(name);
}
