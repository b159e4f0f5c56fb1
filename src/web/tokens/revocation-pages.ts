import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { PatService } from '../../auth/pat/pat.service.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { AppError } from '../../errors/app-error.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { RevokePage } from './revoke.page.js';
import { isLive, tokenViews } from './token-view.js';

const LIST = '/settings/tokens';

/** Ending a token: the question, and the deed. */
@Injectable()
export class RevocationPages {
  constructor(
    private readonly pats: PatService,
    private readonly pages: SettingsPages,
  ) {}

  /** What has ended already leads to the list. @throws AppError not_found, also for somebody else's token */
  async ask(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    const now = new Date();
    const token = tokenViews(await this.pats.list(session.userId)).find((candidate) => candidate.id === id);
    if (token === undefined) throw new AppError('not_found');
    if (!isLive(token, now)) {
      void reply.redirect(LIST, 303);
      return;
    }
    const body = h(RevokePage, { token, now, csrfToken: session.csrfToken });
    await this.pages.send(reply, session, { title: 'Revoke a token', section: 'tokens', body });
  }

  /** @throws AppError not_found, also for somebody else's token */
  async revoke(session: CurrentSession, id: string, reply: FastifyReply): Promise<void> {
    await this.pats.revoke(session.origin, id);
    void reply.redirect(`${LIST}?revoked=${encodeURIComponent(id)}`, 303);
  }
}
