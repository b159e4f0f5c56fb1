import { AppError } from '../../errors/app-error.js';
import { type Look, PollSchedule } from './poll-schedule.js';
import type { LiveSettings } from './live-settings.js';

/** Somebody who wants to know of changes. */
export interface Listener {
  readonly uris: readonly string[];
  /** Something of `uris` is not what it was. */
  updated(uri: string): void;
}

/** What is now under a URI, as a fingerprint of all that the public sees of it. @throws AppError when it cannot be seen */
type Fingerprint = (uri: string) => Promise<string>;

/**
 * Looks at what one user listens to, for as long as anybody does, and tells of changes: one look, however many listen.
 * What cannot be seen is no change: the listeners stay, and it is looked at less often until it can be seen again.
 */
export class UserPoller {
  /** Each with the URIs that were not seen yet when it was told that it is listening. */
  private readonly listeners = new Map<Listener, Set<string>>();
  private readonly seen = new Map<string, string>();
  private readonly looks = new Map<string, Promise<Look>>();
  private readonly schedule: PollSchedule;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly fingerprint: Fingerprint,
    private readonly settings: LiveSettings,
  ) {
    this.schedule = new PollSchedule(settings);
  }

  /** Whether nobody listens, and nothing is done any more. */
  get idle(): boolean {
    return this.listeners.size === 0;
  }

  /**
   * Begins to tell a listener. Resolves when all that it listens to was seen once, so that no later change is missed; or
   * after `firstLookMs`: then it is told as soon as something can be seen, because it may have changed unseen.
   */
  async add(listener: Listener): Promise<void> {
    const unseen = new Set<string>();
    this.listeners.set(listener, unseen);
    const looks = listener.uris.filter((uri) => !this.seen.has(uri)).map((uri) => this.look(uri));
    const first = await this.withinPatience(looks);
    for (const uri of listener.uris) if (!this.seen.has(uri)) unseen.add(uri);
    if (!this.idle && this.timer === undefined) this.lookAgainAfter(first);
  }

  /** Stops telling a listener; with the last one all looking ends. */
  remove(listener: Listener): void {
    this.listeners.delete(listener);
    // What nobody looks at any more may change unseen: whoever comes next starts afresh.
    const wanted = this.wanted();
    for (const uri of this.seen.keys()) if (!wanted.has(uri)) this.seen.delete(uri);
    if (!this.idle) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private lookAgainAfter(looks: readonly Look[]): void {
    const failed = looks.find((look) => typeof look === 'object');
    const wait = this.schedule.after(failed ?? (looks.includes('changed') ? 'changed' : 'same'));
    const timer = setTimeout(() => void this.round(timer), wait);
    this.timer = timer;
  }

  private async round(timer: NodeJS.Timeout): Promise<void> {
    const looks = await Promise.all([...this.wanted()].map((uri) => this.look(uri)));
    // Meanwhile everybody may have left, and others have come: then the looking is theirs.
    if (this.timer === timer) this.lookAgainAfter(looks);
  }

  /** One look at a URI at a time: who comes while one is under way shares it. Never rejects. */
  private look(uri: string): Promise<Look> {
    const underWay = this.looks.get(uri);
    if (underWay !== undefined) return underWay;
    const look = this.compare(uri).finally(() => this.looks.delete(uri));
    this.looks.set(uri, look);
    return look;
  }

  private async compare(uri: string): Promise<Look> {
    try {
      const now = await this.fingerprint(uri);
      const before = this.seen.get(uri);
      if (this.wanted().has(uri)) this.seen.set(uri, now);
      const isNew = before !== now;
      for (const [listener, unseen] of this.listeners) {
        const isBehind = unseen.delete(uri) || (before !== undefined && isNew);
        if (isBehind && listener.uris.includes(uri)) listener.updated(uri);
      }
      return isNew ? 'changed' : 'same';
    } catch (error) {
      return { failedFor: error instanceof AppError ? error.retryAfterSeconds : undefined };
    }
  }

  private wanted(): Set<string> {
    return new Set([...this.listeners.keys()].flatMap(({ uris }) => uris));
  }

  private async withinPatience(looks: readonly Promise<Look>[]): Promise<readonly Look[]> {
    if (looks.length === 0) return [];
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<readonly Look[]>((resolve) => {
      timer = setTimeout(resolve, this.settings.firstLookMs, []);
    });
    return Promise.race([Promise.all(looks), patience]).finally(() => clearTimeout(timer));
  }
}
