import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { ErrorRenderers } from '../http/error-renderers.js';
import { LegacyLeg } from './legacy/legacy-leg.js';
import { ReplyMailbox } from './legacy/reply-mailbox.js';
import { McpController } from './mcp.controller.js';
import { McpEndpoint } from './mcp.endpoint.js';
import { renderMcpError } from './mcp-error.renderer.js';
import { ListenStreams } from './modern/listen-streams.js';
import { ModernLeg } from './modern/modern-leg.js';
import { Dispatcher } from './surface/dispatcher.js';

/** /mcp, whatever is offered there: entry, both legs and their transports. */
@Module({})
export class McpModule {
  constructor(renderers: ErrorRenderers) {
    renderers.register('/mcp', renderMcpError);
  }

  /** @param surface what provides MCP_SURFACE, and what that needs */
  static serving({ imports = [], providers = [] }: Pick<ModuleMetadata, 'imports' | 'providers'>): DynamicModule {
    return {
      module: McpModule,
      imports,
      controllers: [McpController],
      providers: [McpEndpoint, LegacyLeg, ModernLeg, ListenStreams, ReplyMailbox, Dispatcher, ...providers],
    };
  }
}
