import { ToolsModule } from '../../tools/tools.module.js';
import { McpModule } from '../mcp.module.js';
import { MCP_SURFACE } from '../surface/surface.js';
import { ProductCompletions } from './product-completions.js';
import { ProductPrompts } from './product-prompts.js';
import { ProductResources } from './product-resources.js';
import { ProductSurface } from './product.surface.js';
import { ProductTools } from './product-tools.js';

/** /mcp as TradeCafe serves it. */
export const productMcp = McpModule.serving({
  imports: [ToolsModule],
  providers: [
    ProductCompletions,
    ProductPrompts,
    ProductResources,
    ProductTools,
    { provide: MCP_SURFACE, useClass: ProductSurface },
  ],
});
