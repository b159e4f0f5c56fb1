import { Controller, Get, Header, Inject } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Access } from '../access.decorator.js';
import { ALL_SCOPES } from '../scopes.js';

/** RFC 9728 §2, the members this service has. */
interface ProtectedResourceMetadata {
  readonly resource: string;
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
    return this.mcp();
  }

  @Get('oauth-protected-resource/mcp')
  @Header('cache-control', 'public, max-age=300')
  mcp(): ProtectedResourceMetadata {
    const { apiPublicUrl, publicUrl } = this.config;
    return {
      resource: `${apiPublicUrl}/mcp`,
      scopes_supported: ALL_SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'TradeCafe',
      resource_documentation: `${publicUrl}/docs`,
    };
  }
}
