import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DEMO_USER, SECOND_DEMO_USER } from '../../src/config/demo.js';
import type { SafetyTiming } from '../../src/safety/safety-timing.js';
import type { SandboxControl } from '../../src/sandbox/sandbox-control.js';
import { createEnvironment, type DemoName, type Environment, mintToken } from '../support/app.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';
import { type Evidence } from './evidence.js';
import { collectEvidence } from './collect-evidence.js';
import { History } from './history.js';
import { InstanceProcess } from './instance-process.js';
import { slowLedger } from './slow-ledger.js';

/** Of the links of the pages only; every instance has the same one, as behind one load balancer. */
export const PUBLIC_URL = 'http://127.0.0.1:3000';
const UPSTREAM_MS = 1_000;
/** How wrong the last instance's clock is. */
const CLOCK_SHIFT_MS = -10_000;
const START_ATTEMPTS = 3;
const MINT_ATTEMPTS = 10;
const LIVE_WITHIN_MS = 90_000;

/** Whose money it is, and the token that moves it. */
export interface Person {
  readonly login: DemoName;
  readonly userId: string;
  readonly credentialId: string;
  readonly token: string;
}

/** A place of the fleet: an instance, or none for as long as it is being started again. */
export interface Slot {
  readonly number: number;
  readonly wire: Wire;
  process: InstanceProcess | undefined;
  starting: Promise<void>;
}

export interface WorldOptions {
  readonly instances: number;
  readonly timing: Partial<SafetyTiming>;
}

/** Several instances of the service, their one database behind wires, and their one sandbox, which is the ground truth. */
export class World {
  readonly history = new History();
  readonly people: Person[] = [];
  private readonly started: InstanceProcess[] = [];
  /** Why an instance did not start. */
  private failure: unknown;
  private trades = 0;
  private turn = 0;
  private stopped = false;

  private constructor(
    private readonly environment: Environment,
    private readonly timing: Partial<SafetyTiming>,
    readonly slots: readonly Slot[],
    readonly db: pg.Pool,
  ) {}

  static async start({ instances, timing }: WorldOptions): Promise<World> {
    const environment = await createEnvironment({
      PUBLIC_URL,
      MIGRATE_ON_START: 'false',
      PWA_BE_TIMEOUT_MS: String(UPSTREAM_MS),
      COMMITS_PER_HOUR: '1000000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'error',
    });
    const wires = await Promise.all(Array.from({ length: instances }, () => Wire.to(environment.database.url)));
    const slots = wires.map((wire, number) => ({ number, wire, process: undefined, starting: Promise.resolve() }));
    const db = new pg.Pool({ connectionString: environment.database.url, max: 4 });
    // The database is not cut off here; but it ends before this pool when a run is torn down.
    db.on('error', () => undefined);
    const world = new World(environment, timing, slots, db);
    try {
      await world.settleIn();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  get sandbox(): SandboxControl {
    return this.environment.sandbox.control;
  }

  /** The one whose clock is wrong: for it a token lives ten seconds longer than for the database. */
  get wrongClock(): Slot {
    return this.slots.at(-1)!;
  }

  /** Starts the instance of a slot again, behind the scenes; whoever needs one waits in `live`. */
  restart(slot: Slot): void {
    slot.process = undefined;
    slot.starting = this.launch(slot);
    slot.starting.catch((error: unknown) => (this.failure = error));
  }

  /** An instance that runs, each in its turn. @throws Error when there is none for 90 s */
  async live(not?: Slot): Promise<Slot> {
    const choose = (): Slot | undefined => {
      const candidates = this.slots.filter((slot) => slot !== not && slot.process?.alive === true);
      return candidates[this.turn++ % candidates.length];
    };
    const slot = await until(choose, (found) => found !== undefined, LIVE_WITHIN_MS);
    if (slot === undefined) throw new Error('no instance came up', { cause: this.failure });
    return slot;
  }

  /** Waits until every slot has its instance. */
  async whole(): Promise<void> {
    for (const slot of this.slots) {
      await slot.starting;
      if (slot.process?.alive !== true) {
        this.restart(slot);
        await slot.starting;
      }
    }
  }

  /** Gives a person another trade, one that waits for approval or one that is open. @returns its id */
  addTrade({ userId }: Person, kind: 'pending' | 'open'): string {
    this.trades += 1;
    const id = `${kind === 'pending' ? 'sig' : 'pos'}_chaos_${this.trades}`;
    const template = kind === 'pending' ? this.templates.pending : this.templates.open;
    const { trades } = this.sandbox.data(userId)!;
    this.sandbox.replaceData(userId, { trades: [...trades, { ...template, id, openSignalId: null }] });
    return id;
  }

  /** Takes away what earlier rounds left, once it is settled. */
  clearTrades(): void {
    for (const { userId } of this.people) this.sandbox.replaceData(userId, { trades: [], tradeHistory: [] });
  }

  /** Another token of the same person, from the first instance that has the time. */
  async newCredential(login: DemoName): Promise<Person> {
    const { id: userId } = login === 'demo' ? DEMO_USER : SECOND_DEMO_USER;
    for (let attempt = 1; ; attempt += 1) {
      const { process } = await this.live();
      try {
        const reachable = { url: process!.url, config: { publicUrl: PUBLIC_URL } };
        const { id, token } = await mintToken(reachable, { user: login });
        return { login, userId, credentialId: id, token };
      } catch (error) {
        if (attempt === MINT_ATTEMPTS) throw error;
        await delay(100 * attempt);
      }
    }
  }

  /** Waits until every commit has an end. @returns how many have none */
  async recovered(boundMs: number): Promise<number> {
    const open = async (): Promise<number> => {
      const { rows } = await this.db.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM commits WHERE status IN ('pending', 'unknown')`,
      );
      return rows[0]!.open;
    };
    return until(open, (count) => count === 0, boundMs);
  }

  /** What all instances complained about, those that are gone included. */
  complaints(): string {
    return this.started.map(({ url, output }) => (output === '' ? '' : `${url}\n${output}`)).join('');
  }

  evidence(): Promise<Evidence> {
    return collectEvidence(this.db, this.sandbox, this.history, UPSTREAM_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.slots.map(({ starting }) => starting.catch(() => undefined)));
    await Promise.all(this.started.map((process) => process.kill()));
    await Promise.all(this.slots.map(({ wire }) => wire.stop()));
    await this.db.end();
    await this.environment.drop();
  }

  private readonly templates = { pending: {} as SignalTemplate, open: {} as SignalTemplate };

  private async settleIn(): Promise<void> {
    const { trades } = this.sandbox.data(DEMO_USER.id)!;
    this.templates.pending = trades.find((row) => row.pending === true)!;
    this.templates.open = trades.find((row) => row.signalType === 'open' && row.pending !== true)!;
    this.sandbox.settings({ max_open_positions: 1_000_000 });
    await slowLedger.install(this.db);
    for (const slot of this.slots) this.restart(slot);
    await this.whole();
    this.people.push(await this.newCredential('demo'), await this.newCredential('demo2'));
    this.clearTrades();
  }

  private async launch(slot: Slot): Promise<void> {
    for (let attempt = 1; !this.stopped; attempt += 1) {
      try {
        slot.process = await InstanceProcess.start({
          ...this.environment.variables,
          DATABASE_URL: slot.wire.url,
          CHAOS_TIMING: JSON.stringify(this.timing),
          ...(slot === this.wrongClock ? { CHAOS_CLOCK_SHIFT_MS: String(CLOCK_SHIFT_MS) } : {}),
        });
        this.started.push(slot.process);
        return;
      } catch (error) {
        // Its database may have been cut off just then.
        if (attempt === START_ATTEMPTS) throw error;
      }
    }
  }
}

type SignalTemplate = NonNullable<ReturnType<SandboxControl['data']>>['trades'][number];
