import { AppError } from '../errors/app-error.js';
import type { CallClock } from './call-clock.js';
import type { Cancelled } from './cancellation.js';
import type { PwaBeTransport } from './pwa-be.transport.js';
import type * as wire from './pwa-be.types.js';
import { parseWire } from './read-answer.js';
import type { SingleFlight } from './single-flight.js';
import { WIRE_READS, type WireAnswer, type WireRoute } from './wire-reads.js';
import type { WriteAnswer } from './write-answer.js';

/** A page of a history; counted from 1. */
export interface PageQuery {
  readonly page: number;
  readonly limit: number;
}

/**
 * pwa-be on one user's behalf, within one call. Reads throw AppError (`upstream_*`, or `cancelled` when the caller's
 * signal fired) and end with the call's deadline. Identical reads of the same user that are in flight are shared.
 */
export interface UserUpstream {
  user(): Promise<wire.WireUser>;
  access(): Promise<wire.WireAccess>;
  exchanges(): Promise<wire.WireExchange[]>;
  subscriptions(): Promise<wire.WireSubscription[]>;
  activeSignals(): Promise<wire.WireSignal[]>;
  /** @param query `symbol` as pwa-be spells it: BTCUSDT */
  signalHistory(query: PageQuery & { readonly symbol?: string }): Promise<wire.WireSignalPage>;
  /** @param options `fresh`: a request of its own, shared with nobody, for previews and observations */
  activeTrades(options?: { readonly fresh?: boolean }): Promise<wire.WireSignal[]>;
  tradeHistory(query: PageQuery): Promise<wire.WireSignalPage>;
  chart(): Promise<wire.WireChart>;
  stakes(): Promise<wire.WireStake[]>;
  referralStats(): Promise<wire.WireReferralStats>;
  /**
   * Approves a pending signal, `PUT /trade/approve/{signalId}`. Sent at most once; neither the caller's signal nor the
   * call's deadline ends it, only the endpoint's own timeout. Never throws.
   * @param mayStart asked once more when the connection is there, right before the first byte; false: `not_sent`
   */
  approve(signalId: string, idempotencyKey: string, mayStart?: () => boolean): Promise<WriteAnswer>;
  /** Closes a position at market, `PUT /trade/close/{openSignalId}`, the open row's id; the same rules. */
  close(openSignalId: string, idempotencyKey: string, mayStart?: () => boolean): Promise<WriteAnswer>;
  /** Milliseconds of wall time so far during which this call waited for pwa-be, queues and pauses included. */
  readonly waitedMs: number;
}

/** The one implementation; PwaBeClient.forUser() makes it. */
export class PwaBeUserUpstream implements UserUpstream {
  constructor(
    private readonly userId: string,
    private readonly transport: PwaBeTransport,
    private readonly flights: SingleFlight<unknown>,
    private readonly clock: CallClock,
  ) {}

  get waitedMs(): number {
    return this.clock.waitedMs;
  }

  async user(): Promise<wire.WireUser> {
    const segment = pathSegment(this.userId);
    if (segment === undefined) throw new AppError('upstream_not_found', { cause: new Error('not a user id') });
    const user = await this.read('/user/{id}', `/user/${segment}`);
    if (user.id === this.userId) return user;
    // Somebody else's profile must not pass, whatever mix-up brought it here.
    throw new AppError('upstream_invalid', { cause: new Error('GET /user/{id}: the id is not the one asked for') });
  }

  access(): Promise<wire.WireAccess> {
    return this.read('/terminal/access');
  }

  exchanges(): Promise<wire.WireExchange[]> {
    return this.read('/terminal/exchange');
  }

  subscriptions(): Promise<wire.WireSubscription[]> {
    return this.read('/subscription/user');
  }

  activeSignals(): Promise<wire.WireSignal[]> {
    return this.read('/signal/active');
  }

  signalHistory(query: PageQuery & { readonly symbol?: string }): Promise<wire.WireSignalPage> {
    return this.read('/signal/history', `/signal/history?${search(query)}`);
  }

  async activeTrades(options: { readonly fresh?: boolean } = {}): Promise<wire.WireSignal[]> {
    const path = '/trade/active';
    if (options.fresh !== true) return this.read(path);
    const json = await this.clock.within(() => this.flights.alone((cancelled) => this.fetch(path, path, cancelled)));
    return parseWire(`GET ${path}`, WIRE_READS[path], json);
  }

  tradeHistory(query: PageQuery): Promise<wire.WireSignalPage> {
    return this.read('/trade/history', `/trade/history?${search(query)}`);
  }

  chart(): Promise<wire.WireChart> {
    return this.read('/trade/user/chart');
  }

  stakes(): Promise<wire.WireStake[]> {
    return this.read('/staking/client');
  }

  referralStats(): Promise<wire.WireReferralStats> {
    return this.read('/referral/stats');
  }

  approve(signalId: string, idempotencyKey: string, mayStart?: () => boolean): Promise<WriteAnswer> {
    return this.write('approve', signalId, idempotencyKey, mayStart);
  }

  close(openSignalId: string, idempotencyKey: string, mayStart?: () => boolean): Promise<WriteAnswer> {
    return this.write('close', openSignalId, idempotencyKey, mayStart);
  }

  /** @param path with id and query, where it has any */
  private async read<Route extends WireRoute>(route: Route, path: string = route): Promise<WireAnswer<Route>> {
    const json = await this.clock.within(() =>
      this.flights.join(this.userId, path, (cancelled) => this.fetch(route, path, cancelled)),
    );
    return parseWire(`GET ${route}`, WIRE_READS[route], json) as WireAnswer<Route>;
  }

  private fetch(route: string, path: string, cancelled: Cancelled): Promise<unknown> {
    return this.transport.get(`GET ${route}`, path, this.userId, cancelled);
  }

  private async write(
    action: 'approve' | 'close',
    id: string,
    idempotencyKey: string,
    mayStart: (() => boolean) | undefined,
  ): Promise<WriteAnswer> {
    const segment = pathSegment(id);
    if (segment === undefined) return { kind: 'not_sent', reason: 'not an id' };
    const put = (): Promise<WriteAnswer> =>
      this.transport.put(`/trade/${action}/${segment}`, this.userId, idempotencyKey, mayStart);
    // Reads that began before the write's end may have seen the state before it: nobody joins them any more.
    return this.clock.track(put).finally(() => this.flights.retire(this.userId));
  }
}

function search(query: PageQuery & { readonly symbol?: string }): string {
  const params = new URLSearchParams({ page: String(query.page), limit: String(query.limit) });
  if (query.symbol !== undefined) params.set('symbol', query.symbol);
  return params.toString();
}

/**
 * An id as one segment of a path. Undefined when it cannot be one: an intermediary could read `..`, or a slash it
 * decodes, as another path (RFC 3986 §5.2.4), and an id must never choose the route.
 */
function pathSegment(id: string): string | undefined {
  if (id === '' || id.length > 200 || /^\.+$/.test(id) || /[/\\\p{C}]/u.test(id)) return undefined;
  return encodeURIComponent(id);
}
