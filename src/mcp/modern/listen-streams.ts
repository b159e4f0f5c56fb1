import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SUBSCRIPTION_ID_META_KEY, type ServerContext } from '@modelcontextprotocol/server';
import { AppError } from '../../errors/app-error.js';
import type { Exchange } from '../exchange.js';
import { Dispatcher } from '../surface/dispatcher.js';
import type { Params } from '../surface/params-problem.js';
import { RpcFailure } from '../surface/rpc-failure.js';
import type { ChangeSink, Result, WatchList } from '../surface/surface.js';
import type { SubscriptionFilter } from './subscription-filter.js';

type Notification = { readonly method: string; readonly params: Record<string, unknown> };

/** Open streams of one credential at one instance: each may cost an upstream poll. */
const MAX_STREAMS = 32;

/** `subscriptions/listen` (MCP 2026-07-28, basic/patterns/subscriptions): answers that stay open and tell of changes. */
@Injectable()
export class ListenStreams implements OnModuleDestroy {
  private readonly open = new Map<string, Set<ListenStream>>();
  private closing = false;

  constructor(private readonly dispatcher: Dispatcher) {}

  /** Whether there is anything to listen to. */
  get offered(): boolean {
    const { tools, prompts, resources } = this.dispatcher.surface;
    const lists = [tools, prompts, resources].some((provider) => provider?.watchList !== undefined);
    return lists || resources?.watch !== undefined;
  }

  /** Ends all streams, so that the process can: their clients come back to another instance. */
  onModuleDestroy(): void {
    this.closing = true;
    for (const streams of this.open.values()) for (const stream of streams) stream.end();
  }

  /**
   * Serves one stream until its client goes away (then nothing is sent any more) or this side ends it.
   * @param params whose `notifications` are a SubscriptionFilter
   * @throws RpcFailure before anything was sent
   */
  async serve(exchange: Exchange, params: Params, context: ServerContext): Promise<Result> {
    await this.dispatcher.guard(exchange, () => this.dispatcher.surface.admit(exchange));
    const stream = new ListenStream(context);
    const release = this.register(exchange, stream);
    try {
      const wanted = params['notifications'] as SubscriptionFilter;
      stream.acknowledge(await this.dispatcher.guard(exchange, () => this.watch(exchange, wanted, stream)));
      if (this.closing) stream.end();
      await stream.ended;
      return { _meta: stream.meta };
    } finally {
      stream.end();
      release();
    }
  }

  private register({ principal: { credentialId }, request }: Exchange, stream: ListenStream): () => void {
    const streams = this.open.get(credentialId) ?? new Set();
    if (streams.size >= MAX_STREAMS) {
      const detail = `This credential has ${MAX_STREAMS} streams open.`;
      throw RpcFailure.of(new AppError('stream_limit_reached', { detail }), request.id);
    }
    this.open.set(credentialId, streams.add(stream));
    return () => {
      streams.delete(stream);
      if (streams.size === 0 && this.open.get(credentialId) === streams) this.open.delete(credentialId);
    };
  }

  /** Starts watching what of the filter can be had. @returns just that, for the acknowledgement */
  private async watch(
    exchange: Exchange,
    wanted: SubscriptionFilter,
    stream: ListenStream,
  ): Promise<SubscriptionFilter> {
    const { tools, prompts, resources } = this.dispatcher.surface;
    const { signal } = stream;
    const list = (kind: 'tools' | 'prompts' | 'resources', watchList: WatchList | undefined): boolean => {
      if (wanted[`${kind}ListChanged`] !== true || watchList === undefined) return false;
      watchList(exchange, stream.sink(`notifications/${kind}/list_changed`), signal);
      return true;
    };
    const uris = [...new Set(wanted.resourceSubscriptions)];
    const sink = {
      updated: (uri: string) => stream.tell({ method: 'notifications/resources/updated', params: { uri } }),
      end: () => stream.end(),
    };
    const watched = uris.length === 0 ? [] : ((await resources?.watch?.(exchange, uris, sink, signal)) ?? []);
    return {
      ...(list('tools', tools.watchList) && { toolsListChanged: true }),
      ...(list('prompts', prompts?.watchList) && { promptsListChanged: true }),
      ...(list('resources', resources?.watchList) && { resourcesListChanged: true }),
      ...(watched.length > 0 && { resourceSubscriptions: watched }),
    };
  }
}

/** One answer that stays open. Nothing is told on it before the acknowledgement, and nothing after its end. */
class ListenStream {
  readonly ended: Promise<void>;
  /** Goes with every message: the id of the request that opened the stream. */
  readonly meta: Record<string, unknown>;
  private readonly stopping = new AbortController();
  /** Changes that came before the acknowledgement. */
  private held: Notification[] | undefined = [];
  private resolveEnded!: () => void;

  constructor(private readonly context: ServerContext) {
    this.meta = { [SUBSCRIPTION_ID_META_KEY]: context.mcpReq.id };
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    const { signal } = context.mcpReq;
    signal.addEventListener('abort', () => this.end(), { once: true });
    if (signal.aborted) this.end();
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  acknowledge(notifications: SubscriptionFilter): void {
    const held = this.held ?? [];
    this.held = undefined;
    this.tell({ method: 'notifications/subscriptions/acknowledged', params: { notifications } });
    for (const notification of held) this.tell(notification);
    if (Object.keys(notifications).length === 0) this.end();
  }

  sink(method: string): ChangeSink {
    return { changed: () => this.tell({ method, params: {} }), end: () => this.end() };
  }

  tell({ method, params }: Notification): void {
    if (this.signal.aborted) return;
    if (this.held !== undefined) {
      this.held.push({ method, params });
      return;
    }
    this.context.mcpReq.notify({ method, params: { ...params, _meta: this.meta } }).catch(() => this.end());
  }

  /**
   * Stops all watching. If the client is still there it gets the result of its request, which is the graceful end
   * (basic/patterns/subscriptions); `notifications/cancelled` is for stdio, where no stream can be closed (schema,
   * CancelledNotification).
   */
  end(): void {
    this.stopping.abort();
    this.resolveEnded();
  }
}
