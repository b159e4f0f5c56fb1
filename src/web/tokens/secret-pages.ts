import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import type { IssuedToken } from '../../auth/pat/pat.service.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { CreatedPage } from './created.page.js';
import { SentBeforePage, type SentBeforePageProps } from './sent-before.page.js';
import { tokenView } from './token-view.js';

const SENT_BEFORE_STATUS = 409;

/** The page that shows a token once, and the one that comes in its place when it is asked for again. */
@Injectable()
export class SecretPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pages: SettingsPages,
  ) {}

  /** @param oldEndsAt rotated: when the one it replaces ends; null: it has ended */
  show(
    reply: FastifyReply,
    session: CurrentSession,
    { row, token }: IssuedToken,
    oldEndsAt?: Date | null,
  ): Promise<void> {
    const { apiPublicUrl } = this.config;
    const body = h(CreatedPage, { token: tokenView(row), secret: token, apiPublicUrl, oldEndsAt });
    return this.pages.send(reply, session, {
      title: oldEndsAt === undefined ? 'Token created' : 'Token rotated',
      section: 'tokens',
      keepPage: true,
      connectTo: new URL(apiPublicUrl).origin,
      body,
    });
  }

  sentBefore(
    reply: FastifyReply,
    session: CurrentSession,
    what: Pick<SentBeforePageProps, 'made' | 'token'>,
  ): Promise<void> {
    const body = h(SentBeforePage, { ...what, now: new Date() });
    return this.pages.send(reply, session, { title: 'Sent before', section: 'tokens', body }, SENT_BEFORE_STATUS);
  }
}
