import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { AppError } from '../../errors/app-error.js';
import { LiveFeeds } from '../../tools/live/live-feeds.js';
import type { LiveSink } from '../../tools/live/live-stream.js';
import { RESOURCE_MIME_TYPE } from '../../tools/resources/resource.js';
import {
  type PublishedResource,
  type PublishedTemplate,
  resourcesFor,
  templatesFor,
} from '../../tools/resources/resource-registry.js';
import { ResourceRunner } from '../../tools/resources/resource-runner.js';
import type { Exchange } from '../exchange.js';
import { errorData } from '../json-rpc.js';
import type { RequestIo } from '../surface/request-io.js';
import { ResourceNotFound, RpcFailure } from '../surface/rpc-failure.js';
import type { ResourceProvider } from '../surface/surface.js';
import { META_MODE } from './call-result.js';
import { callerOf } from './caller.js';
import { stepUp } from './step-up.js';

/** The resources, through their runner, and what is told of the live ones. */
@Injectable()
export class ProductResources implements ResourceProvider {
  constructor(
    private readonly runner: ResourceRunner,
    private readonly feeds: LiveFeeds,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  list({ principal }: Exchange): readonly PublishedResource[] {
    return resourcesFor(principal);
  }

  templates({ principal }: Exchange): readonly PublishedTemplate[] {
    return templatesFor(principal);
  }

  async read(exchange: Exchange, uri: string, { signal }: Pick<RequestIo, 'signal'>) {
    const outcome = await this.runner.read({ ...callerOf(exchange, signal), uri });
    if (!outcome.ok) throw this.failure(exchange, uri, outcome.error);
    const { text, freshForMs, mode } = outcome;
    return {
      contents: [{ uri, mimeType: RESOURCE_MIME_TYPE, text }],
      ttlMs: freshForMs,
      cacheScope: 'private' as const,
      _meta: { [META_MODE]: mode },
    };
  }

  async watch(
    exchange: Exchange,
    uris: readonly string[],
    sink: LiveSink,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const outcome = await this.feeds.listen({ ...callerOf(exchange, signal), uris }, sink);
    if (outcome.ok) return outcome.uris;
    throw stepUp(this.config, exchange, outcome.error) ?? RpcFailure.of(outcome.error, exchange.request.id);
  }

  private failure(exchange: Exchange, uri: string, error: AppError): RpcFailure {
    const requestId = exchange.request.id;
    // A status of 404: neither a resource of ours nor one of the caller's is there.
    if (error.entry.status === 404) return new ResourceNotFound(uri, errorData(error, requestId));
    return stepUp(this.config, exchange, error) ?? RpcFailure.of(error, requestId);
  }
}
