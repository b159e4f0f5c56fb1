import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { Access } from '../../auth/access.decorator.js';
import { GrantService } from '../../auth/oauth/grants/grant.service.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { AppError } from '../../errors/app-error.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { AppsPage } from './apps.page.js';
import { type AppView, appView } from './app-view.js';
import { RevokeAppPage } from './revoke-app.page.js';

/** The apps that somebody allowed in, and taking that back. */
@Controller('settings/apps')
export class AppsController {
  constructor(
    private readonly grants: GrantService,
    private readonly pages: SettingsPages,
  ) {}

  /** `revoked`: id of the app that was just ended; believed only when that is true. */
  @Get()
  @Access('session')
  async list(
    @CurrentSession() session: Session,
    @Query('revoked') revoked: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [apps, ended] = await Promise.all([
      this.apps(session),
      typeof revoked === 'string' ? this.grants.findRevoked(session.userId, revoked) : undefined,
    ]);
    const body = h(AppsPage, { apps, now: new Date(), ended: ended && appView(ended) });
    await this.pages.send(reply, session, { title: 'Connected apps', section: 'apps', body });
  }

  @Get(':id/revoke')
  @Access('session')
  async confirmRevoke(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const app = (await this.apps(session)).find((candidate) => candidate.id === id);
    if (app === undefined) throw new AppError('not_found');
    const body = h(RevokeAppPage, { app, now: new Date(), csrfToken: session.csrfToken });
    await this.pages.send(reply, session, { title: 'Revoke an app', section: 'apps', body });
  }

  @Post(':id/revoke')
  @HttpCode(303)
  @Access('session+csrf')
  async revoke(
    @CurrentSession() { origin }: Session,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.grants.revoke(origin, id);
    void reply.redirect(`/settings/apps?revoked=${encodeURIComponent(id)}`, 303);
  }

  private async apps({ userId }: Session): Promise<AppView[]> {
    return (await this.grants.list(userId)).map(appView);
  }
}
