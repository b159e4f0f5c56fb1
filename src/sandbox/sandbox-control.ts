import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import { FaultRules, type Fault, type FaultInput } from './fault-rules.js';
import { DEFAULT_RISK, type RiskSettings } from './risk-engine.js';
import { RequestLog } from './request-log.js';
import { SandboxState, type JournalEntry, type SandboxSettings } from './sandbox-state.js';
import { movePrice } from './transitions.js';
import { userData, type UserData } from './wire-records.js';

/** As `POST /__sandbox/settings` takes and answers them. */
export const settingsPatch = z.strictObject({
  dedupe: z.boolean().optional(),
  send_pending: z.boolean().optional(),
  drawdown_pct: z.number().min(0).max(100).optional(),
  max_open_positions: z.number().int().min(0).optional(),
  circuit_breaker_pct: z.number().min(0).max(100).optional(),
});
type SettingsPatch = z.infer<typeof settingsPatch>;

export interface InitialSettings {
  dedupe?: boolean;
  sendPending?: boolean;
  risk?: Partial<RiskSettings>;
  now?: () => Date;
}

/** Everything a test can ask of or do to a running sandbox; the control routes call the same methods. */
export class SandboxControl {
  readonly faults = new FaultRules();
  state: SandboxState;
  requests = new RequestLog();
  /** Aborted by a reset or a stop: whatever is delayed or hangs then ends without being applied. */
  private era = newEra();

  constructor(private readonly initial: InitialSettings) {
    this.state = this.freshState();
  }

  get signal(): AbortSignal {
    return this.era.signal;
  }

  /** Back to the initial state: data, settings, journal, requests, faults. Requests under way are cut off. */
  reset(): void {
    this.abort();
    this.era = newEra();
    this.faults.clear();
    this.requests = new RequestLog();
    this.state = this.freshState();
  }

  abort(): void {
    this.era.abort();
  }

  /** Every applied effect, oldest first. */
  journal(): JournalEntry[] {
    return this.state.journal.entries.map((entry) => ({ ...entry }));
  }

  fault(rule: FaultInput): Fault {
    return this.faults.add(rule);
  }

  settings(patch: SettingsPatch = {}): Required<SettingsPatch> {
    const { settings } = this.state;
    settings.dedupe = patch.dedupe ?? settings.dedupe;
    settings.sendPending = patch.send_pending ?? settings.sendPending;
    settings.risk.drawdownPct = patch.drawdown_pct ?? settings.risk.drawdownPct;
    settings.risk.maxOpenPositions = patch.max_open_positions ?? settings.risk.maxOpenPositions;
    settings.risk.circuitBreakerPct = patch.circuit_breaker_pct ?? settings.risk.circuitBreakerPct;
    return {
      dedupe: settings.dedupe,
      send_pending: settings.sendPending,
      drawdown_pct: settings.risk.drawdownPct,
      max_open_positions: settings.risk.maxOpenPositions,
      circuit_breaker_pct: settings.risk.circuitBreakerPct,
    };
  }

  /** @returns false when there is no such user */
  enableUser(user: string, enabled: boolean): boolean {
    const account = this.state.account(user);
    if (account === undefined) return false;
    account.enabled = enabled;
    return true;
  }

  /** Adds a user who has what another one has, until the next reset: for loads of many users. @returns whether it could */
  copyUser(user: string, as: string): boolean {
    return this.state.copy(user, as);
  }

  /** A copy of what a user has; undefined when there is no such user. */
  data(user: string): UserData | undefined {
    return structuredClone(this.state.account(user)?.data);
  }

  /**
   * Replaces the named parts of a user's data, each as a whole; what was approved before is forgotten.
   * @returns false when there is no such user
   * @throws z.ZodError when a part is not of its shape
   */
  replaceData(user: string, parts: Partial<UserData>): boolean {
    const account = this.state.account(user);
    if (account === undefined) return false;
    const parsed = userData.partial().parse(parts);
    account.data = { ...account.data, ...parsed, profile: { ...(parsed.profile ?? account.data.profile), id: user } };
    if (parsed.trades !== undefined) account.approved.clear();
    return true;
  }

  /** Moves the market for all users; `BTC-USDT` and `BTCUSDT` are the same. @returns how many rows changed */
  price(symbol: string, price: number): number {
    const wire = symbol.replace(/[-/]/g, '').toUpperCase();
    return this.state.users.reduce((changed, { data }) => changed + movePrice(data, wire, price), 0);
  }

  private freshState(): SandboxState {
    const settings: SandboxSettings = {
      dedupe: this.initial.dedupe ?? true,
      sendPending: this.initial.sendPending ?? true,
      risk: { ...DEFAULT_RISK, ...this.initial.risk },
    };
    return new SandboxState(settings, this.initial.now ?? (() => new Date()));
  }
}

function newEra(): AbortController {
  const era = new AbortController();
  // Every request that is held back listens: many are no leak.
  setMaxListeners(0, era.signal);
  return era;
}
