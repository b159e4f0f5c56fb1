import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import { actionTokenHash, idempotencyKeyOf } from './action-token.js';
import { ActionTokenStore, type StoredToken } from './action-token.store.js';
import { clientKeyHash } from './client-key.js';
import { NotSpendable } from './commit-checks.js';
import { Committer } from './committer.js';
import { type Confirmed, PersonAsked } from './person-asked.js';
import { type KeyedCommit, KeyedWrites } from './keyed-writes.js';
import type { HumanConfirmation } from './human-confirmation.js';
import { RunningCommits } from './running-commits.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
import { spendToken } from './spend.js';
import { TOKEN_CHECKS } from './token-checks.js';
import type { WriteOrigin, WriteOutcome } from './write-call.js';
import type { ReadUpstream, WriteArguments, WriteOperation, WritePreview } from './write-operation.js';

/** One half of the round trip, as a write tool was called. */
export interface WriteCall {
  readonly operation: WriteOperation;
  readonly args: WriteArguments;
  readonly actionToken: string | undefined;
  readonly confirmation: HumanConfirmation | undefined;
  readonly origin: WriteOrigin;
  /** The client's own idempotency key, where its transport has one. */
  readonly clientKey?: string;
  /** The caller's patience; counts until the commit is in the ledger. */
  readonly signal: AbortSignal | undefined;
}

/** What a commit goes on with once it has been confirmed. */
interface Spending extends Pick<Confirmed, 'confirmed'> {
  readonly keyHash: Uint8Array<ArrayBuffer> | undefined;
}

/** Preview, then commit: the only way in which a tool moves money. */
@Injectable()
export class RoundTrip {
  constructor(
    private readonly tokens: ActionTokenStore,
    private readonly committer: Committer,
    private readonly person: PersonAsked,
    private readonly keyed: KeyedWrites,
    private readonly running: RunningCommits,
    private readonly pwaBe: PwaBeClient,
    @Inject(CONFIG) private readonly config: Pick<Config, 'previewTolerance' | 'publicUrl'>,
    @Inject(SAFETY_TIMING) private readonly timing: SafetyTiming,
  ) {}

  /**
   * The dry run: what would happen, and a token that commits exactly this.
   * @throws AppError when there is nothing to do it to, when a token was given, or `upstream_*`
   */
  async preview(call: WriteCall, upstream: ReadUpstream): Promise<Record<string, unknown>> {
    if (call.actionToken !== undefined) throw tokenInDryRun();
    const preview = await call.operation.preview(upstream, call.args);
    const token = await this.issue(call, preview);
    return { dry_run: true, preview: preview.shown, action_token: token, committed: null };
  }

  /**
   * The commit. With a client's own key it is carried out once for that key, whichever token comes with it.
   * @throws AppError of a refusal of ours, with nothing sent and the token not spent; or a database error
   */
  async commit(call: WriteCall): Promise<WriteOutcome> {
    const { operation, args, origin } = call;
    const keyHash = clientKeyHash(origin.principal, call.clientKey);
    if (keyHash === undefined) return this.attempt(call, undefined);
    const answer = ({ preview, result }: KeyedCommit) => committed(preview, result ?? {});
    return this.keyed.once({ keyHash, operation, args, origin, answer }, () => this.attempt(call, keyHash));
  }

  /**
   * The order of the steps is the policy: nothing is asked of a person for a token that is no good, and the
   * preview is made anew after the person has answered, however long that took.
   */
  private async attempt(call: WriteCall, keyHash: Spending['keyHash']): Promise<WriteOutcome> {
    const token = await this.presentedToken(call);
    this.check(token, call);
    const confirmed = await this.person.confirm(call, token);
    if (confirmed.kind === 'input_required') return confirmed;
    const preview = await this.previewAnew(call, token);
    return this.spend(call, token, preview, { ...confirmed, keyHash });
  }

  /** The token as it is now; when its commit is under way, as it is once that has ended. */
  private async presentedToken({ actionToken, origin }: WriteCall): Promise<StoredToken> {
    if (actionToken === undefined) throw new AppError('action_token_required');
    const hash = actionTokenHash(actionToken);
    const token = hash && (await this.tokens.find(hash, origin.principal));
    // One answer for what never was, what is somebody else's and what another credential was given.
    if (token === undefined) throw new AppError('action_token_invalid');
    return token.commit === null ? token : { ...token, commit: await this.running.ended(token.commit, origin) };
  }

  private check(token: StoredToken, { operation, args }: WriteCall): void {
    const settingsUrl = `${this.config.publicUrl}/settings/tokens`;
    for (const check of TOKEN_CHECKS) check(token, { tool: operation.tool, args, settingsUrl });
  }

  /** @throws AppError preview_changed with the new preview and a new token; the old one is superseded */
  private async previewAnew(call: WriteCall, token: StoredToken): Promise<WritePreview> {
    const { operation, args, origin, signal } = call;
    const upstream = this.pwaBe.forUser(origin.principal.userId, { signal, deadlineMs: this.timing.previewMs });
    const preview = await operation.preview(upstream, args).catch(async (error: unknown) => {
      // The trade may be gone because this very token was spent meanwhile: then that is the answer.
      this.check(await this.presentedToken(call), call);
      throw error;
    });
    const verdict = operation.compare(token.preview.facts, preview.facts, this.config.previewTolerance);
    if (verdict === 'same') return preview;
    const replacement = await this.issue(call, preview, token.hash);
    throw new AppError('preview_changed', { data: { preview: preview.shown, action_token: replacement } });
  }

  private async spend(
    call: WriteCall,
    token: StoredToken,
    preview: WritePreview,
    { confirmed, keyHash }: Spending,
  ): Promise<WriteOutcome> {
    const { operation, args, origin } = call;
    const spent = {
      spend: spendToken(token.hash, { principal: origin.principal, tool: operation.tool, args }),
      idempotencyKey: idempotencyKeyOf(token.hash),
      clientKeyHash: keyHash,
    };
    try {
      const request = { source: 'tool', operation, args, preview, ...spent, confirmed, origin } as const;
      const { result, error, recorded } = await this.committer.commit(request);
      if (error !== undefined) return { kind: 'failed', error, recorded };
      return { kind: 'done', structured: committed(preview, result ?? {}), recorded };
    } catch (error) {
      if (!(error instanceof NotSpendable)) throw error;
      throw await this.whyNotSpendable(call);
    }
  }

  private async issue(call: WriteCall, preview: WritePreview, replaced?: Uint8Array): Promise<string> {
    const { operation, args, origin } = call;
    const binding = { principal: origin.principal, tool: operation.tool, args, preview };
    const token = await this.tokens.issue(binding, replaced);
    if (token === undefined) throw await this.whyNotSpendable(call);
    return token;
  }

  /** Somebody was faster, or time ran out between the first look and the spending: look again and say which. */
  private async whyNotSpendable(call: WriteCall): Promise<unknown> {
    try {
      this.check(await this.presentedToken(call), call);
      return new AppError('overloaded', { retryAfterSeconds: 1 });
    } catch (error) {
      return error;
    }
  }
}

/** The answer to a commit that succeeded. */
function committed(preview: WritePreview, result: Record<string, unknown>): Record<string, unknown> {
  return { dry_run: false, preview: preview.shown, committed: result };
}

function tokenInDryRun(): AppError {
  return new AppError('invalid_arguments', {
    detail: 'action_token belongs to a commit: send it with dry_run=false, or leave it out to make a new preview.',
    data: { errors: [{ path: 'action_token', message: 'not with dry_run=true' }] },
  });
}
