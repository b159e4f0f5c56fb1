import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { PatService } from '../../auth/pat/pat.service.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { CreatedPage } from './created.page.js';
import { RevokePage } from './revoke.page.js';
import { BLANK_TOKEN_FORM, readTokenForm } from './token-form.js';
import { isLive, type TokenView, tokenView } from './token-view.js';
import { TokensPage, type TokensPageProps } from './tokens.page.js';

const LIST = '/settings/tokens';

/** What the token pages answer. */
@Injectable()
export class TokenPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pats: PatService,
    private readonly pages: SettingsPages,
  ) {}

  /** @param revoked id of the token that was just revoked; believed only when that is true */
  async list(session: CurrentSession, revoked: unknown, reply: FastifyReply): Promise<void> {
    const tokens = await this.tokens(session);
    const gone = tokens.find(({ id, revokedAt }) => id === revoked && revokedAt !== null);
    const notice = gone && {
      kind: 'done' as const,
      title: `“${gone.name}” is revoked.`,
      text: 'It opens nothing any more.',
    };
    await this.send(reply, session, { tokens, values: BLANK_TOKEN_FORM, errors: {}, notice });
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
      const { row, token } = await this.pats.create(session.userId, request);
      const body = h(CreatedPage, { token: tokenView(row), secret: token, apiPublicUrl: this.config.apiPublicUrl });
      await this.pages.send(reply, session, { title: 'Token created', section: 'tokens', keepPage: true, body });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { status, title, next } = error.entry;
      const notice = { kind: 'error' as const, title, text: `${next} (${error.code}, request ${requestId})` };
      await this.send(reply, session, { tokens: await this.tokens(session), values, errors: {}, notice }, status);
    }
  }

  /** @throws AppError not_found, also for somebody else's token */
  async confirmRevoke(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    const token = (await this.tokens(session)).find((candidate) => candidate.id === id);
    if (token === undefined) throw new AppError('not_found');
    const now = new Date();
    if (!isLive(token, now)) {
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

  private async tokens({ userId }: CurrentSession): Promise<TokenView[]> {
    return (await this.pats.list(userId)).map(tokenView);
  }

  private send(
    reply: FastifyReply,
    session: CurrentSession,
    props: Omit<TokensPageProps, 'now' | 'csrfToken'>,
    status = 200,
  ): Promise<void> {
    const body = h(TokensPage, { ...props, now: new Date(), csrfToken: session.csrfToken });
    return this.pages.send(reply, session, { title: 'Access tokens', section: 'tokens', body }, status);
  }
}
