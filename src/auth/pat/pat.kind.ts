import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { PrismaService } from '../../database/prisma.service.js';
import type { PersonalAccessToken } from '../../generated/prisma/client.js';
import type { LoadOptions, TokenKind, VerifiedToken } from '../bearer/token-kind.js';
import { heldBy } from '../bearer/refusal-log.js';
import { tokenRefused } from '../bearer/token-refused.js';
import type { Principal } from '../principal.js';
import { isScope } from '../scopes.js';
import { PAT_PREFIX, parsePat } from './pat-format.js';
import { PatHash } from './pat-hash.js';
import { UserStanding } from './user-standing.js';

/** Personal access tokens as bearer tokens. */
@Injectable()
export class PatKind implements TokenKind {
  readonly prefix = PAT_PREFIX;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly prisma: PrismaService,
    private readonly hash: PatHash,
    private readonly standing: UserStanding,
  ) {}

  wellFormed(token: string): boolean {
    return parsePat(token) !== undefined;
  }

  /** One row by selector, then the checks in this order; why a token died is told only to who holds all of it. */
  async load(token: string, { secretProven }: LoadOptions): Promise<VerifiedToken> {
    const parts = parsePat(token);
    if (parts === undefined) throw tokenRefused(this.config, 'token_malformed');
    const row = await this.prisma.personalAccessToken.findUnique({ where: { selector: parts.selector } });
    // The fast tag: a forged secret costs no argon2id, and answers like an unknown selector.
    const genuine = this.hash.tagMatches(parts, row?.tag);
    if (row === null || !genuine) throw tokenRefused(this.config, 'token_invalid');
    if (!secretProven && !(await this.hash.verifySecret(row.secretHash, parts.secret))) {
      throw tokenRefused(this.config, 'token_invalid');
    }
    this.checkAlive(row);
    await this.checkUser(row);
    return {
      principal: principalOfRow(row),
      expiresAt: row.expiresAt?.getTime(),
      tags: [`pat:${row.id}`, `user:${row.userId}`],
    };
  }

  private checkAlive(row: PersonalAccessToken): void {
    const { revokedAt, expiresAt } = row;
    if (revokedAt !== null) throw heldBy(principalOfRow(row), tokenRefused(this.config, 'token_revoked'));
    if (expiresAt === null || expiresAt.getTime() > Date.now()) return;
    const reason = `It expired at ${expiresAt.toISOString()}.`;
    throw heldBy(principalOfRow(row), tokenRefused(this.config, 'token_expired', reason));
  }

  private async checkUser(row: PersonalAccessToken): Promise<void> {
    if (!(await this.standing.isGone(row.userId, row.userCheckedAt))) return;
    const refused = tokenRefused(this.config, 'token_revoked', 'TradeCafe does not know its user any more.');
    throw heldBy(principalOfRow(row), refused);
  }
}

function principalOfRow(row: PersonalAccessToken): Principal {
  return {
    userId: row.userId,
    credentialId: row.id,
    kind: 'pat',
    credentialName: row.name,
    scopes: new Set(row.scopes.filter(isScope)),
    maxTradeUsdt: row.maxTradeUsdt?.toNumber() ?? null,
    // Anything unknown is the stricter one.
    writePolicy: row.writePolicy === 'token_only' ? 'token_only' : 'human_required',
  };
}
