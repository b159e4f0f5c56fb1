import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import { Prisma } from '../generated/prisma/client.js';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import { actionTokenHash, argumentsHash, idempotencyKeyOf } from './action-token.js';
import { ActionTokenStore, CREDENTIAL_ROTATED, type StoredToken } from './action-token.store.js';
import { apiOutcome } from './api-outcome.js';
import { clientKeyOf } from './client-key.js';
import { NotSpendable, type Spend } from './commit-checks.js';
import { Committer } from './committer.js';
import { type Confirmed, PersonAsked } from './person-asked.js';
import { ledgerCredentialId } from './credential-lock.js';
import type { HumanConfirmation } from './human-confirmation.js';
import { SAFETY_TIMING, type SafetyTiming } from './safety-timing.js';
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

/** Preview, then commit: the only way in which a tool moves money. */
@Injectable()
export class RoundTrip {
  constructor(
    private readonly tokens: ActionTokenStore,
    private readonly committer: Committer,
    private readonly person: PersonAsked,
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
   * The commit. A repetition with the client's own key is told what became of the first one, as the first one was.
   * @throws AppError of a refusal of ours, with nothing sent and the token not spent; or a database error
   */
  async commit(call: WriteCall): Promise<WriteOutcome> {
    try {
      return await this.attempt(call);
    } catch (error) {
      const repeated = error instanceof AppError && error.code === 'action_token_used';
      const earlier = repeated ? await this.earlier(call) : undefined;
      if (earlier === undefined) throw error;
      return earlier;
    }
  }

  /**
   * The order of the steps is the policy: nothing is asked of a person for a token that is no good, and the
   * preview is made anew after the person has answered, however long that took.
   */
  private async attempt(call: WriteCall): Promise<WriteOutcome> {
    const token = await this.presentedToken(call);
    this.check(token, call);
    const confirmed = await this.person.confirm(call, token);
    if (confirmed.kind === 'input_required') return confirmed;
    const preview = await this.previewAnew(call, token);
    return this.spend(call, token, preview, confirmed);
  }

  /** What became of the commit that the token was spent for, if this is a repetition of it by the client's own key. */
  private async earlier(call: WriteCall): Promise<WriteOutcome | undefined> {
    const key = clientKeyOf(call.clientKey);
    const { hash, commit, commitKey, commitPreview } = await this.presentedToken(call);
    if (key === undefined || commit === null || commitKey !== idempotencyKeyOf(hash, key)) return undefined;
    const outcome = apiOutcome(commit);
    if (outcome.kind !== 'done') return outcome;
    const structured = { dry_run: false, preview: commitPreview?.shown, committed: outcome.structured };
    return { kind: 'done', structured, recorded: outcome.recorded };
  }

  private async presentedToken({ actionToken, origin }: WriteCall): Promise<StoredToken> {
    if (actionToken === undefined) throw new AppError('action_token_required');
    const hash = actionTokenHash(actionToken);
    const token = hash && (await this.tokens.find(hash, origin.principal));
    // One answer for what never was, what is somebody else's and what another credential was given.
    if (token === undefined) throw new AppError('action_token_invalid');
    return token;
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
    { confirmed }: Confirmed,
  ): Promise<WriteOutcome> {
    const { operation, args, origin } = call;
    const idempotencyKey = idempotencyKeyOf(token.hash, clientKeyOf(call.clientKey));
    const spend = spendToken(call, token);
    try {
      const request = { source: 'tool', operation, args, preview, spend, idempotencyKey, confirmed, origin } as const;
      const { result, error, recorded } = await this.committer.commit(request);
      if (error !== undefined) return { kind: 'failed', error, recorded };
      return { kind: 'done', structured: { dry_run: false, preview: preview.shown, committed: result }, recorded };
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

function tokenInDryRun(): AppError {
  return new AppError('invalid_arguments', {
    detail: 'action_token belongs to a commit: send it with dry_run=false, or leave it out to make a new preview.',
    data: { errors: [{ path: 'action_token', message: 'not with dry_run=true' }] },
  });
}

/** Every binding stands in the statement again: a token is spent for what it was made for, or not at all. */
function spendToken({ operation, args, origin }: WriteCall, { hash }: StoredToken): Spend {
  const { userId, kind } = origin.principal;
  return {
    hash,
    statement: Prisma.sql`
      UPDATE action_tokens t SET used_at = clock_timestamp()
       WHERE token_hash = ${hash} AND user_id = ${userId} AND credential_kind = ${kind}
         AND credential_id = ${ledgerCredentialId(origin.principal)} AND tool = ${operation.tool}
         AND arguments_hash = ${argumentsHash(args)}
         AND used_at IS NULL AND superseded_at IS NULL AND expires_at > clock_timestamp() AND NOT ${CREDENTIAL_ROTATED}
      RETURNING expires_at`,
  };
}
