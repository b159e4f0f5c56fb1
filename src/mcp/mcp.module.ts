import { Module } from '@nestjs/common';
import { ErrorRenderers } from '../http/error-renderers.js';
import { ToolsModule } from '../tools/tools.module.js';
import { LegacyLeg } from './legacy/legacy-leg.js';
import { ReplyMailbox } from './legacy/reply-mailbox.js';
import { McpController } from './mcp.controller.js';
import { McpEndpoint } from './mcp.endpoint.js';
import { renderMcpError } from './mcp-error.renderer.js';
import { ModernLeg } from './modern/modern-leg.js';
import { ToolSurface } from './tool-surface.js';

@Module({
  imports: [ToolsModule],
  controllers: [McpController],
  providers: [McpEndpoint, LegacyLeg, ModernLeg, ReplyMailbox, ToolSurface],
})
export class McpModule {
  constructor(renderers: ErrorRenderers) {
    renderers.register('/mcp', renderMcpError);
  }
}
