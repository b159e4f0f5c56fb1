import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { AuditService } from '../../../src/audit/audit.service.js';
import type { Principal } from '../../../src/auth/principal.js';
import { ALL_SCOPES, type Scope } from '../../../src/auth/scopes.js';
import type { Config } from '../../../src/config/config.js';
import { DEMO_USER } from '../../../src/config/demo.js';
import { Pipeline } from '../../../src/database/pipeline.js';
import { PrismaService } from '../../../src/database/prisma.service.js';
import { PwaBeClient } from '../../../src/pwa-be/pwa-be.client.js';
import { ActionTokenStore } from '../../../src/safety/action-token.store.js';
import { ApiWriteGate } from '../../../src/safety/api-write-gate.js';
import { CommitClosing } from '../../../src/safety/commit-closing.js';
import { CommitOpening } from '../../../src/safety/commit-opening.js';
import { Committer } from '../../../src/safety/committer.js';
import { ConfirmationState } from '../../../src/safety/confirmation-state.js';
import type { CrashPoint } from '../../../src/safety/crash-points.js';
import { PAT_LOCK, SESSION_LOCK } from '../../../src/safety/credential-lock.js';
import { FreezeService } from '../../../src/safety/freeze.service.js';
import { InFlight } from '../../../src/safety/in-flight.js';
import { KeyedWrites } from '../../../src/safety/keyed-writes.js';
import { Observers } from '../../../src/safety/observers.js';
import { OpenCommits } from '../../../src/safety/open-commits.js';
import { OpeningTurns } from '../../../src/safety/opening-turns.js';
import { PersonAsked } from '../../../src/safety/person-asked.js';
import { Reconciler } from '../../../src/safety/reconciler.js';
import { StubbornClosing } from '../../../src/safety/stubborn-closing.js';
import { RoundTrip } from '../../../src/safety/round-trip.js';
import { RunningCommits } from '../../../src/safety/running-commits.js';
import { type SafetyTiming, safetyTiming } from '../../../src/safety/safety-timing.js';
import { type Sandbox, startSandbox } from '../../../src/sandbox/start-sandbox.js';
import { Telemetry } from '../../../src/telemetry/telemetry.js';
import { CallLimiter } from '../../../src/tools/call-limiter.js';
import { CallPath } from '../../../src/tools/call-path.js';
import { writeOperations } from '../../../src/tools/registry.js';
import type { ToolCall, CallFailure, ToolOutcome } from '../../../src/tools/tool-call.js';
import { ToolRunner } from '../../../src/tools/tool-runner.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const SECRET = 'test-secret-of-the-pwa-be-user-tokens-0001';
const UPSTREAM_TIMEOUT_MS = 700;

const config = {
  mode: 'mock',
  publicUrl: 'https://pages.test',
  previewTolerance: 0.01,
  commitsPerHour: 1_000,
  rateLimitPerMinute: 1_000_000,
  pwaBe: { timeoutMs: UPSTREAM_TIMEOUT_MS },
} as Config;

export interface InstanceOptions {
  readonly config?: Partial<Config>;
  readonly timing?: Partial<SafetyTiming>;
  readonly upstreamTimeoutMs?: number;
  /** What happens at the points of a commit. */
  readonly reach?: (point: CrashPoint) => void | Promise<void>;
}

/** One instance of the service as far as writes go, built by hand; nothing of it runs by itself. */
export class Instance {
  readonly prisma: PrismaService;
  readonly pipeline: Pipeline;
  readonly pwaBe: PwaBeClient;
  readonly runner: ToolRunner;
  readonly reconciler: Reconciler;
  readonly freeze: FreezeService;
  readonly api: ApiWriteGate;
  readonly opening: CommitOpening;
  readonly inFlight = new InFlight();
  readonly audit: AuditService;

  constructor(url: string, baseUrl: string, { config: more, timing, upstreamTimeoutMs, reach }: InstanceOptions) {
    const own = { ...config, ...more };
    const times = { ...safetyTiming(own), ...timing };
    const logger = pino({ level: 'silent' });
    this.prisma = new PrismaService({ url });
    const endpoint = { baseUrl, jwtSecret: SECRET, jwtClaims: {}, timeoutMs: upstreamTimeoutMs ?? UPSTREAM_TIMEOUT_MS };
    this.pwaBe = new PwaBeClient(endpoint);
    this.audit = new AuditService(this.prisma, logger);
    this.pipeline = new Pipeline({ url });
    this.opening = new CommitOpening(this.pipeline, [PAT_LOCK, SESSION_LOCK], own, times, logger);
    const closing = new StubbornClosing(new CommitClosing(this.prisma), this.inFlight, logger);
    const crash = { reach: reach ?? (() => undefined) };
    const committer = new Committer(
      this.opening,
      closing,
      this.pwaBe,
      this.inFlight,
      new OpeningTurns(),
      crash,
      logger,
    );
    const tokens = new ActionTokenStore(this.prisma);
    const person = new PersonAsked(new ConfirmationState('pepper'));
    const running = new RunningCommits(this.prisma, times);
    const keyed = new KeyedWrites(this.prisma, running);
    const roundTrip = new RoundTrip(tokens, committer, person, keyed, running, this.pwaBe, own, times);
    const calls = new CallPath(this.pwaBe, new CallLimiter(own), this.audit, new Telemetry([]), logger);
    this.runner = new ToolRunner(calls, roundTrip, own);
    const observers = new Observers(this.pwaBe);
    this.reconciler = new Reconciler(new OpenCommits(this.prisma, times), observers, writeOperations, times, logger);
    this.freeze = new FreezeService(this.prisma);
    this.api = new ApiWriteGate(this.prisma, committer, this.pwaBe, keyed, writeOperations, times);
  }

  async close(): Promise<void> {
    await this.reconciler.onApplicationShutdown();
    await this.inFlight.onApplicationShutdown();
    await this.audit.onApplicationShutdown();
    await this.pwaBe.onApplicationShutdown();
    await this.pipeline.close();
    await this.prisma.$disconnect();
  }
}

/** A database, a sandbox, and any number of instances that share them. */
export class Fleet {
  private readonly instances: Instance[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly sandbox: Sandbox,
    readonly db: pg.Pool,
  ) {}

  static async start(): Promise<Fleet> {
    const database = await createTestDatabase();
    const sandbox = await startSandbox({ port: 0, jwtSecret: SECRET });
    const pool = new pg.Pool({ connectionString: database.url, max: 3 });
    // Tests end sessions of the server on purpose; an idle connection that goes is replaced.
    pool.on('error', () => undefined);
    return new Fleet(database, sandbox, pool);
  }

  instance(options: InstanceOptions = {}): Instance {
    const instance = new Instance(this.database.url, this.sandbox.baseUrl, options);
    this.instances.push(instance);
    return instance;
  }

  /** Everything as at the start, for the next test. */
  async reset(): Promise<void> {
    await Promise.all(this.instances.splice(0).map((instance) => instance.close()));
    this.sandbox.control.reset();
    await this.db.query(
      'TRUNCATE user_controls, action_tokens, commits, trade_reads, audit_events, personal_access_tokens',
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.splice(0).map((instance) => instance.close()));
    await this.db.end();
    await this.sandbox.stop();
    await this.database.drop();
  }

  /** A personal access token's row and who calls with it. */
  async principal(more: Partial<Principal> = {}): Promise<Principal> {
    const credentialId = randomUUID();
    const principal: Principal = {
      userId: DEMO_USER.id,
      credentialId,
      kind: 'pat',
      credentialName: 'test',
      scopes: new Set<Scope>(ALL_SCOPES),
      maxTradeUsdt: null,
      writePolicy: 'token_only',
      ...more,
    };
    await this.db.query(
      `INSERT INTO personal_access_tokens (id, user_id, name, selector, hint, secret_hash, tag, scopes, max_trade_usdt, write_policy)
       VALUES ($1::uuid, $2, 'test', $1::uuid::text, 'h', 'x', '\\x00', $3, $4, $5)`,
      [credentialId, principal.userId, [...principal.scopes], principal.maxTradeUsdt, principal.writePolicy],
    );
    return principal;
  }

  /** Every PUT that arrived at the sandbox, applied or not. */
  puts() {
    return this.sandbox.control.requests.snapshot().writes;
  }

  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.db.query<Row>(sql, values)).rows;
  }

  /** The ledger, oldest first. */
  commits() {
    return this.rows<{
      id: string;
      status: string;
      idempotency_key: string;
      target_id: string;
      observation: string | null;
      result: unknown;
    }>('SELECT * FROM commits ORDER BY created_at');
  }

  /** Lets time pass for the rows that wait for their end. */
  async settle(): Promise<void> {
    await this.rows(`UPDATE commits SET due_at = now() - interval '1 second' WHERE finished_at IS NULL
          OR (status = 'not_applied' AND observation IS NOT NULL)`);
  }
}

export const ETH = { signal_id: 'sig_2026060402' };
export const BTC = { position_id: 'pos_2026060401' };

export function toolCall(principal: Principal, tool: string, args: object, more: Partial<ToolCall> = {}): ToolCall {
  return { tool, args, principal, transport: 'mcp', requestId: randomUUID(), ...more };
}

/** Runs a tool and wants an answer. */
export async function succeed(
  instance: Instance,
  ...call: Parameters<typeof toolCall>
): Promise<Record<string, unknown>> {
  const outcome = await instance.runner.run(toolCall(...call));
  if (!outcome.ok) throw outcome.error;
  return outcome.structured;
}

/** Runs a tool and wants a failure. */
export async function fail(instance: Instance, ...call: Parameters<typeof toolCall>): Promise<CallFailure> {
  const outcome = await instance.runner.run(toolCall(...call));
  if (outcome.ok) throw new Error(`${call[1]} succeeded: ${outcome.text}`);
  return outcome;
}

export const codeOf = (outcome: ToolOutcome): string => (outcome.ok ? 'ok' : outcome.error.code);

/** A dry run's token. */
export async function tokenFor(instance: Instance, principal: Principal, tool: string, args: object): Promise<string> {
  return (await succeed(instance, principal, tool, args)).action_token as string;
}
