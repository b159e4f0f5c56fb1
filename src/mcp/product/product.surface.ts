import { Injectable } from '@nestjs/common';
import { CallLimiter } from '../../tools/call-limiter.js';
import type { Exchange } from '../exchange.js';
import type { McpSurface } from '../surface/surface.js';
import { ProductCompletions } from './product-completions.js';
import { ProductPrompts } from './product-prompts.js';
import { ProductResources } from './product-resources.js';
import { ProductTools } from './product-tools.js';
import { INSTRUCTIONS, SERVER_INFO } from './server-info.js';

/** What TradeCafe offers over MCP. */
@Injectable()
export class ProductSurface implements McpSurface {
  readonly info = SERVER_INFO;
  readonly instructions = INSTRUCTIONS;

  constructor(
    readonly tools: ProductTools,
    readonly resources: ProductResources,
    readonly prompts: ProductPrompts,
    readonly completions: ProductCompletions,
    private readonly limiter: CallLimiter,
  ) {}

  admit({ principal }: Pick<Exchange, 'principal'>): Promise<void> {
    return this.limiter.take(principal);
  }
}
