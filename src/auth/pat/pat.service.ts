import { Inject, Injectable } from '@nestjs/common';
import { type ActionDetails, type AuditOrigin, recordAction, recordingRefusal } from '../../audit/account-action.js';
import { PrismaService } from '../../database/prisma.service.js';
import { AppError } from '../../errors/app-error.js';
import type { PersonalAccessToken, Prisma } from '../../generated/prisma/client.js';
import { TokenCache } from '../bearer/token-cache.js';
import { USER_DIRECTORY, type UserDirectory } from '../user-directory.js';
import { checkGraceMinutes, checkTokenRequest, type NewToken, type TokenRequest } from './new-token.js';
import { generatePat, patHint } from './pat-format.js';
import { PatHash } from './pat-hash.js';
import { tokenIdOf } from './token-id.js';

const MAX_LIVE_TOKENS = 50;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a dead token stays in its owner's list. */
const SHOW_DEAD_MS = 30 * DAY_MS;
const MAX_LISTED = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A new token's row, and the token itself: this is the only time it exists outside its owner's hands. */
export interface IssuedToken {
  readonly row: PersonalAccessToken;
  readonly token: string;
}

export interface CreateOptions {
  readonly nonce?: string;
  readonly mayGrantWrites?: boolean;
}

/** Issues, lists, rotates and revokes personal access tokens; what changes something stands in the audit log with it. */
@Injectable()
export class PatService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly hash: PatHash,
    private readonly cache: TokenCache,
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
  ) {}

  /**
   * @param by whose token it becomes, and who asks for it
   * @param nonce makes the request count once for this user, on every instance, however often it is sent: the new
   * row's id is derived from it, so that the row itself remembers
   * @param mayGrantWrites false: by a session too old to hand out `write:trades`
   * @throws AppError invalid_request, session_too_old, user_unknown, token_limit_reached, token_already_created, and
   * `upstream_…` when TradeCafe cannot be asked whether the user exists
   */
  async create(by: AuditOrigin, request: TokenRequest, options: CreateOptions = {}): Promise<IssuedToken> {
    const wanted = checkTokenRequest(request);
    const details = { token_name: wanted.name, scopes: wanted.scopes.join(' ') };
    return recordingRefusal(this.prisma, by, 'token.create', details, () => this.issue(by, wanted, options));
  }

  private async issue(
    by: AuditOrigin,
    { name, scopes, expiresInDays, maxTradeUsdt, writePolicy }: NewToken,
    { nonce, mayGrantWrites = true }: CreateOptions,
  ): Promise<IssuedToken> {
    const { userId } = by.actor;
    requireWriteGrant(scopes, mayGrantWrites);
    await this.requireUser(userId);
    const { token, columns } = await this.mint();
    const id = nonce === undefined ? undefined : tokenIdOf(userId, nonce);
    const row = await this.prisma.$transaction(async (transaction) => {
      await lockUser(transaction, userId);
      if (id !== undefined) await requireUnused(transaction, id);
      await requireRoom(transaction, userId);
      const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * DAY_MS);
      const created = await transaction.personalAccessToken.create({
        data: { id, ...columns, userId, name, scopes: [...scopes], maxTradeUsdt, writePolicy, expiresAt },
      });
      await recordAction(transaction, by, 'token.create', describe(created));
      return created;
    });
    return { row, token };
  }

  /** The user's tokens, those that are not revoked first, newest first; dead ones for 30 days. */
  list(userId: string): Promise<PersonalAccessToken[]> {
    const shown = new Date(Date.now() - SHOW_DEAD_MS);
    return this.prisma.personalAccessToken.findMany({
      where: {
        userId,
        AND: [
          { OR: [{ revokedAt: null }, { revokedAt: { gt: shown } }] },
          { OR: [{ expiresAt: null }, { expiresAt: { gt: shown } }] },
        ],
      },
      orderBy: [{ revokedAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }, { id: 'asc' }],
      take: MAX_LISTED,
    });
  }

  /**
   * Ends a user's token everywhere at once; doing it twice is no error.
   * @throws AppError not_found, also for somebody else's token
   */
  async revoke(by: AuditOrigin, id: string): Promise<void> {
    const { userId } = by.actor;
    await recordingRefusal(this.prisma, by, 'token.revoke', {}, () => this.end(requireUuid(id), { userId }, () => by));
  }

  /**
   * The operator's revoke: whoever the token belongs to.
   * @param by given the owner, in whose log it will stand
   * @throws AppError not_found
   */
  async revokeAnyones(by: (userId: string) => AuditOrigin, id: string): Promise<void> {
    await this.end(requireUuid(id), {}, by);
  }

  /** Ends all of a user's tokens everywhere at once; returns how many were live. */
  async revokeAll(by: AuditOrigin): Promise<number> {
    const { userId } = by.actor;
    const count = await this.prisma.$transaction(async (transaction) => {
      // Under the lock of create and rotate: a token that is being made right now is either ended or made afterwards.
      await lockUser(transaction, userId);
      const revoked = await transaction.personalAccessToken.updateMany({
        where: live(userId),
        data: { revokedAt: new Date() },
      });
      await this.cache.evictEverywhere(`user:${userId}`, transaction);
      await recordAction(transaction, by, 'token.revoke_all', { count: revoked.count });
      return revoked.count;
    });
    this.cache.evict(`user:${userId}`);
    return count;
  }

  /**
   * Replaces a token by a new one with its name, scopes, cap, policy and length of life (a 90 days' token becomes a
   * 90 days' token from now on).
   * @param graceMinutes how long the old one lives on, at most until its own expiry; 0 ends it at once
   * @param mayGrantWrites as at `create`: a new secret of a token that writes is a grant like any other
   * @throws AppError invalid_request, not_found, session_too_old, token_not_live, user_unknown, token_limit_reached
   */
  async rotate(by: AuditOrigin, id: string, graceMinutes: number, mayGrantWrites = true): Promise<IssuedToken> {
    checkGraceMinutes(graceMinutes);
    const replace = (): Promise<IssuedToken> => this.replace(by, requireUuid(id), graceMinutes, mayGrantWrites);
    return recordingRefusal(this.prisma, by, 'token.rotate', {}, replace);
  }

  private async replace(
    by: AuditOrigin,
    oldId: string,
    graceMinutes: number,
    mayGrantWrites: boolean,
  ): Promise<IssuedToken> {
    const { userId } = by.actor;
    await this.requireUser(userId);
    const { token, columns } = await this.mint();
    const row = await this.prisma.$transaction(async (transaction) => {
      await lockUser(transaction, userId);
      const old = await requireRotatable(transaction, userId, oldId);
      requireWriteGrant(old.scopes, mayGrantWrites);
      const now = Date.now();
      await retire(transaction, old, now, graceMinutes);
      await this.cache.evictEverywhere(`pat:${oldId}`, transaction);
      await requireRoom(transaction, userId);
      const { name, scopes, maxTradeUsdt, writePolicy } = old;
      const expiresAt = old.expiresAt && new Date(now + old.expiresAt.getTime() - old.createdAt.getTime());
      const created = await transaction.personalAccessToken.create({
        data: { ...columns, userId, name, scopes, maxTradeUsdt, writePolicy, expiresAt, rotatedFromId: oldId },
      });
      const details = { ...describe(created), replaces: oldId, grace_minutes: graceMinutes };
      await recordAction(transaction, by, 'token.rotate', details);
      return created;
    });
    this.cache.evict(`pat:${oldId}`);
    return { row, token };
  }

  private async end(id: string, owner: { userId?: string }, by: (userId: string) => AuditOrigin): Promise<void> {
    const where = { id, ...owner };
    await this.prisma.$transaction(async (transaction) => {
      const [ended] = await transaction.personalAccessToken.updateManyAndReturn({
        where: { ...where, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      if (ended === undefined) {
        if ((await transaction.personalAccessToken.count({ where })) === 0) throw new AppError('not_found');
        return;
      }
      await this.cache.evictEverywhere(`pat:${id}`, transaction);
      await recordAction(transaction, by(ended.userId), 'token.revoke', named(ended));
    });
    this.cache.evict(`pat:${id}`);
  }

  private async requireUser(userId: string): Promise<void> {
    if ((await this.directory.describe(userId)) === undefined) throw new AppError('user_unknown');
  }

  /** The slow part of issuing, done before any lock is held. */
  private async mint() {
    const parts = generatePat();
    const secretHash = await this.hash.hashSecret(parts.secret);
    const { token, selector } = parts;
    return { token, columns: { selector, hint: patHint(selector), secretHash, tag: this.hash.tag(parts) } };
  }
}

/** What the audit log says of a new token. */
function describe({ scopes, maxTradeUsdt, writePolicy, expiresAt, ...row }: PersonalAccessToken): ActionDetails {
  return {
    ...named(row),
    scopes: scopes.join(' '),
    max_trade_usdt: maxTradeUsdt === null ? null : Number(maxTradeUsdt),
    write_policy: writePolicy,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}

function named({ id, name }: Pick<PersonalAccessToken, 'id' | 'name'>): ActionDetails {
  return { token_id: id, token_name: name };
}

async function requireUnused(transaction: Prisma.TransactionClient, id: string): Promise<void> {
  const count = await transaction.personalAccessToken.count({ where: { id } });
  if (count > 0) throw new AppError('token_already_created', { data: { id } });
}

/** Lower case, as the database writes it and as notifications carry it. */
function requireUuid(id: string): string {
  if (!UUID.test(id)) throw new AppError('not_found');
  return id.toLowerCase();
}

function live(userId: string): Prisma.PersonalAccessTokenWhereInput {
  return { userId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] };
}

/** One at a time for each user, until the transaction ends: what is counted under it stays true. */
async function lockUser(transaction: Prisma.TransactionClient, userId: string): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`pat:${userId}`}, 0))`;
}

async function requireRoom(transaction: Prisma.TransactionClient, userId: string): Promise<void> {
  if ((await transaction.personalAccessToken.count({ where: live(userId) })) < MAX_LIVE_TOKENS) return;
  throw new AppError('token_limit_reached', { detail: `${MAX_LIVE_TOKENS} tokens are live.` });
}

async function requireRotatable(
  transaction: Prisma.TransactionClient,
  userId: string,
  id: string,
): Promise<PersonalAccessToken> {
  const row = await transaction.personalAccessToken.findFirst({ where: { id, userId } });
  if (row === null) throw new AppError('not_found');
  if ((await transaction.personalAccessToken.count({ where: { rotatedFromId: id } })) === 0) return row;
  throw new AppError('token_not_live', { detail: 'This token was replaced already; rotate the one that replaced it.' });
}

/** Ends the rotated token now or after its grace; a revocation that came first wins. */
async function retire(
  transaction: Prisma.TransactionClient,
  { id, userId, expiresAt }: PersonalAccessToken,
  now: number,
  graceMinutes: number,
): Promise<void> {
  const end = new Date(Math.min(now + graceMinutes * 60_000, expiresAt?.getTime() ?? Infinity));
  const data = graceMinutes === 0 ? { revokedAt: new Date(now) } : { expiresAt: end };
  const { count } = await transaction.personalAccessToken.updateMany({ where: { id, ...live(userId) }, data });
  if (count === 0) throw new AppError('token_not_live', { detail: 'This token was revoked or has expired.' });
}

function requireWriteGrant(scopes: readonly string[], mayGrantWrites: boolean): void {
  if (!mayGrantWrites && scopes.some((scope) => scope.startsWith('write:'))) throw new AppError('session_too_old');
}
