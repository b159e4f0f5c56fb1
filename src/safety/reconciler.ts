import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { ErrorCode } from '../errors/error-table.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Observers } from './observers.js';
import { type OpenCommit, OpenCommits, type Verdict } from './open-commits.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import { type ObservableOperation, type Observation, WRITE_OPERATIONS } from './write-operation.js';

const STATUS = { applied: 'succeeded', not_applied: 'not_applied', cannot_tell: 'undetermined' } as const;
const AUDIT = {
  succeeded: { outcome: 'ok' },
  not_applied: { outcome: 'error', code: 'commit_not_applied' },
  undetermined: { outcome: 'error', code: 'commit_undetermined' },
} as const satisfies Record<Verdict['status'], { outcome: 'ok' | 'error'; code?: ErrorCode }>;
const EXPLAINED: Verdict = {
  status: 'undetermined',
  saw: 'it is done, but another commit for the same trade explains that',
};
const PRUNE_EVERY_MS = 60 * 60 * 1000;

/**
 * Ends the commits that nobody ended: looks at the trade and writes down what it saw. It has nothing that it could send
 * with. Runs on every instance; leases keep them off each other's rows.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly operations: ReadonlyMap<string, ObservableOperation>;
  private running: Promise<void> | undefined;
  private prunedAt = -PRUNE_EVERY_MS;

  constructor(
    private readonly commits: OpenCommits,
    private readonly observers: Observers,
    @Inject(WRITE_OPERATIONS) operations: readonly ObservableOperation[],
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.operations = new Map(operations.map((operation) => [operation.tool, operation]));
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** What is being looked at is finished; what is leased and was not looked at yet, another instance takes. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** One round: ends or postpones every row that it could lease. @returns how many */
  async reconcile(): Promise<number> {
    const leased = await this.commits.lease();
    await Promise.all(leased.map((commit) => this.settle(commit)));
    return leased.length;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const found = await this.round();
      if (found === 0) await sleep(this.timing.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async round(): Promise<number> {
    try {
      const found = await this.reconcile();
      await this.pruneNowAndThen();
      return found;
    } catch (error) {
      this.logger.warn({ err: error }, 'The ledger could not be searched for commits without an end');
      return 0;
    }
  }

  private async settle(commit: OpenCommit): Promise<void> {
    try {
      const startedAt = performance.now();
      const verdict = await this.look(commit);
      if (verdict === undefined) return await this.commits.postpone(commit);
      // A row that counts as not applied is only watched: it changes when something else is seen than before.
      if (verdict.status === commit.status) return await this.commits.watchOn(commit);
      const durationMs = performance.now() - startedAt;
      if (await this.commits.end(commit, verdict, eventOf(commit, verdict, durationMs))) return;
      // Somebody else ended it (then neither of these finds it any more), or another commit explains what was seen.
      if (commit.status === 'not_applied') await this.commits.watchOn(commit);
      else await this.commits.end(commit, EXPLAINED, eventOf(commit, EXPLAINED, durationMs));
    } catch (error) {
      // The lease runs out, and somebody looks again.
      this.logger.warn({ err: error, commit_id: commit.id }, 'A commit could not be ended yet');
    }
  }

  /** @returns undefined when nobody could look */
  private async look(commit: OpenCommit): Promise<Verdict | undefined> {
    const operation = this.operations.get(commit.tool);
    if (operation === undefined) return { status: 'undetermined', saw: 'no such operation any more' };
    if (commit.stale) return { status: 'undetermined', saw: 'nobody could look for a day' };
    const observation = await this.observe(operation, commit);
    if (observation === undefined) return undefined;
    const { verdict, saw } = observation;
    const result =
      verdict === 'applied' ? operation.committed(commit.preview, commit.created_at.toISOString()) : undefined;
    return { status: STATUS[verdict], saw, result };
  }

  private async observe(operation: ObservableOperation, commit: OpenCommit): Promise<Observation | undefined> {
    const upstream = this.observers.forUser(commit.user_id, this.timing.leaseMs / 2);
    try {
      return await operation.observe(upstream, commit.preview.facts);
    } catch (error) {
      this.logger.info(
        { err: error, commit_id: commit.id, attempts: commit.attempts },
        'A trade could not be looked at',
      );
      return undefined;
    }
  }

  private async pruneNowAndThen(): Promise<void> {
    if (performance.now() - this.prunedAt < PRUNE_EVERY_MS) return;
    this.prunedAt = performance.now();
    await this.commits.prune();
  }
}

function eventOf(commit: OpenCommit, { status }: Verdict, durationMs: number) {
  const actor = {
    userId: commit.user_id,
    kind: commit.credential_kind,
    credentialId: commit.credential_id,
    credentialName: commit.credential_name,
  };
  const { tool: operation, arguments: args, request_id: requestId } = commit;
  const origin = { actor, transport: 'reconciler', operation, args, requestId };
  return { ...AUDIT[status], origin, durationMs, upstreamMs: durationMs };
}
