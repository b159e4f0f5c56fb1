import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { PatService } from '../../auth/pat/pat.service.js';
import { mayGrantWrites } from '../../auth/session/session-age.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { formField } from '../page/form-field.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { DEFAULT_GRACE, readGrace, RotatePage, type RotatePageProps } from './rotate.page.js';
import { SecretPages } from './secret-pages.js';
import { isLive, type TokenView, tokenViews } from './token-view.js';

const LIST = '/settings/tokens';

/** A new secret in place of a token's present one: the form, and what it makes. */
@Injectable()
export class RotationPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pats: PatService,
    private readonly secrets: SecretPages,
    private readonly pages: SettingsPages,
  ) {}

  /**
   * @param query `grace_minutes`: what had been chosen before somebody had to sign in again
   * @throws AppError not_found, also for somebody else's token
   */
  async offer(session: CurrentSession, id: string, query: unknown, reply: FastifyReply): Promise<void> {
    const { token, replacement } = await this.find(session, id);
    if (token.replaced) await this.secrets.sentBefore(reply, session, { made: 'rotated', token: replacement });
    else if (!isLive(token, new Date())) void reply.redirect(LIST, 303);
    else await this.form(session, { token, grace: formField(query, 'grace_minutes') ?? DEFAULT_GRACE }, reply);
  }

  /** @throws AppError like `PatService.rotate` */
  async rotate(session: CurrentSession, id: string, form: unknown, reply: FastifyReply): Promise<void> {
    const { token, replacement } = await this.find(session, id);
    if (token.replaced) {
      await this.secrets.sentBefore(reply, session, { made: 'rotated', token: replacement });
      return;
    }
    const chosen = formField(form, 'grace_minutes');
    const minutes = readGrace(chosen);
    if (minutes === undefined) {
      const error = 'Choose one of these.';
      await this.form(session, { token, grace: chosen ?? '', error }, reply, 422);
      return;
    }
    await this.replace(session, id, minutes, reply);
  }

  private async replace(session: CurrentSession, id: string, minutes: number, reply: FastifyReply): Promise<void> {
    try {
      const issued = await this.pats.rotate(session.origin, id, minutes, mayGrantWrites(session, this.config));
      const { token: old } = await this.find(session, id);
      await this.secrets.show(reply, session, issued, minutes === 0 ? null : old.expiresAt);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'token_not_live') throw error;
      // The same form, sent twice at once: the other one was faster.
      const { token, replacement } = await this.find(session, id);
      if (!token.replaced) throw error;
      await this.secrets.sentBefore(reply, session, { made: 'rotated', token: replacement });
    }
  }

  private async form(
    session: CurrentSession,
    props: Pick<RotatePageProps, 'token' | 'grace' | 'error'>,
    reply: FastifyReply,
    status = 200,
  ): Promise<void> {
    const body = h(RotatePage, { ...props, now: new Date(), csrfToken: session.csrfToken });
    await this.pages.send(reply, session, { title: 'Rotate a token', section: 'tokens', body }, status);
  }

  private async find(
    { userId }: CurrentSession,
    id: string,
  ): Promise<{ token: TokenView; replacement: TokenView | undefined }> {
    const tokens = tokenViews(await this.pats.list(userId));
    const token = tokens.find((candidate) => candidate.id === id);
    if (token === undefined) throw new AppError('not_found');
    return { token, replacement: tokens.find(({ rotatedFromId }) => rotatedFromId === id) };
  }
}
