import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { type IssuedToken, PatService } from '../../auth/pat/pat.service.js';
import { mayGrantWrites } from '../../auth/session/session-age.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { formField } from '../page/form-field.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { AlreadyCreatedPage } from './already-created.page.js';
import { CreatedPage } from './created.page.js';
import { readDraft } from './draft.js';
import { RevokePage } from './revoke.page.js';
import { RotatePage } from './rotate.page.js';
import { BLANK_TOKEN_FORM, readTokenForm, type TokenFormValues } from './token-form.js';
import { isLive, type TokenView, tokenView } from './token-view.js';
import { type TokensNotice, TokensPage, type TokensPageProps } from './tokens.page.js';

const LIST = '/settings/tokens';

/** What the token pages answer. */
@Injectable()
export class TokenPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pats: PatService,
    private readonly pages: SettingsPages,
  ) {}

  /** @param query `revoked`: id of the token that was just revoked, believed only when that is true; or a draft */
  async list(session: CurrentSession, query: unknown, reply: FastifyReply): Promise<void> {
    const tokens = await this.tokens(session);
    const draft = readDraft(query);
    const notice = draft === undefined ? revokedNotice(tokens, formField(query, 'revoked')) : DRAFT_NOTICE;
    await this.send(reply, session, { tokens, values: draft ?? BLANK_TOKEN_FORM, errors: {}, notice });
  }

  /** Answers with the token itself, or with the form as it was filled in and what is wrong with it. */
  async create(session: CurrentSession, form: unknown, requestId: string, reply: FastifyReply): Promise<void> {
    const { values, request, errors } = readTokenForm(form);
    if (request === undefined) {
      const notice = { kind: 'error' as const, title: 'The token was not created: please look at the marked fields.' };
      await this.send(reply, session, { tokens: await this.tokens(session), values, errors, notice }, 422);
      return;
    }
    try {
      const options = { nonce: formField(form, 'nonce'), mayGrantWrites: mayGrantWrites(session, this.config) };
      const issued = await this.pats.create(session.userId, request, options);
      await this.sendSecret(reply, session, issued);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'token_already_created') await this.alreadyCreated(reply, session, error);
      else await this.notCreated(reply, session, values, error, requestId);
    }
  }

  /** @throws AppError not_found, also for somebody else's token */
  async confirmRevoke(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    const now = new Date();
    const token = await this.liveToken(session, id, now);
    if (token === undefined) {
      void reply.redirect(LIST, 303);
      return;
    }
    const body = h(RevokePage, { token, now, csrfToken: session.csrfToken });
    await this.pages.send(reply, session, { title: 'Revoke a token', section: 'tokens', body });
  }

  /** @throws AppError not_found, also for somebody else's token */
  async revoke(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    await this.pats.revoke(session.userId, id);
    void reply.redirect(`${LIST}?revoked=${encodeURIComponent(id)}`, 303);
  }

  /** @throws AppError not_found, also for somebody else's token */
  async offerRotation(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    const now = new Date();
    const token = await this.liveToken(session, id, now);
    if (token === undefined) {
      void reply.redirect(LIST, 303);
      return;
    }
    const body = h(RotatePage, { token, now, csrfToken: session.csrfToken });
    await this.pages.send(reply, session, { title: 'Rotate a token', section: 'tokens', body });
  }

  /** @throws AppError like `PatService.rotate`; token_not_live also when the form is sent twice */
  async rotate(session: CurrentSession, id: string, form: unknown, reply: FastifyReply): Promise<void> {
    const text = formField(form, 'grace_minutes') ?? '';
    const minutes = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
    const issued = await this.pats.rotate(session.userId, id, minutes, mayGrantWrites(session, this.config));
    const old = (await this.tokens(session)).find((token) => token.id === issued.row.rotatedFromId);
    await this.sendSecret(reply, session, issued, minutes === 0 ? null : (old?.expiresAt ?? null));
  }

  private async sendSecret(
    reply: FastifyReply,
    session: CurrentSession,
    { row, token }: IssuedToken,
    oldEndsAt?: Date | null,
  ): Promise<void> {
    const { apiPublicUrl } = this.config;
    const body = h(CreatedPage, { token: tokenView(row), secret: token, apiPublicUrl, oldEndsAt });
    await this.pages.send(reply, session, {
      title: oldEndsAt === undefined ? 'Token created' : 'Token rotated',
      section: 'tokens',
      keepPage: true,
      connectTo: new URL(apiPublicUrl).origin,
      body,
    });
  }

  private async alreadyCreated(reply: FastifyReply, session: CurrentSession, error: AppError): Promise<void> {
    const token = (await this.tokens(session)).find(({ id }) => id === error.data['id']);
    const body = h(AlreadyCreatedPage, { token, now: new Date() });
    await this.pages.send(reply, session, { title: 'Sent before', section: 'tokens', body }, error.entry.status);
  }

  private async notCreated(
    reply: FastifyReply,
    session: CurrentSession,
    values: TokenFormValues,
    error: AppError,
    requestId: string,
  ): Promise<void> {
    const { status, title, next } = error.entry;
    const notice = { kind: 'error' as const, title, text: `${next} (${error.code}, request ${requestId})` };
    await this.send(reply, session, { tokens: await this.tokens(session), values, errors: {}, notice }, status);
  }

  /** Undefined: it has ended. */
  private async liveToken(session: CurrentSession, id: string, now: Date): Promise<TokenView | undefined> {
    const token = (await this.tokens(session)).find((candidate) => candidate.id === id);
    if (token === undefined) throw new AppError('not_found');
    return isLive(token, now) ? token : undefined;
  }

  private async tokens({ userId }: CurrentSession): Promise<TokenView[]> {
    return (await this.pats.list(userId)).map(tokenView);
  }

  private send(
    reply: FastifyReply,
    session: CurrentSession,
    props: Omit<TokensPageProps, 'now' | 'csrfToken' | 'nonce'>,
    status = 200,
  ): Promise<void> {
    const nonce = randomBytes(16).toString('base64url');
    const body = h(TokensPage, { ...props, nonce, now: new Date(), csrfToken: session.csrfToken });
    return this.pages.send(reply, session, { title: 'Access tokens', section: 'tokens', body }, status);
  }
}

const DRAFT_NOTICE: TokensNotice = {
  kind: 'warning',
  title: 'Nothing was created yet.',
  text: 'This is the form as you had filled it in. Look it over and send it again.',
};

function revokedNotice(tokens: readonly TokenView[], revoked: string | undefined): TokensNotice | undefined {
  const gone = tokens.find(({ id, revokedAt }) => id === revoked && revokedAt !== null);
  return gone && { kind: 'done', title: `“${gone.name}” is revoked.`, text: 'It opens nothing any more.' };
}
