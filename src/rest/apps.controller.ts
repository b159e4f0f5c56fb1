import { Controller, Delete, Get, Header, HttpCode, Param } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { GrantService } from '../auth/oauth/grants/grant.service.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { type AppView, appView } from './dto/app.view.js';

/** The apps that the signed-in person allowed in by OAuth. */
@Controller('v1/apps')
export class AppsController {
  constructor(private readonly grants: GrantService) {}

  @Get()
  @Access('session')
  @Header('cache-control', 'no-store')
  async list(@CurrentSession() { userId }: Session): Promise<{ apps: AppView[] }> {
    return { apps: (await this.grants.list(userId)).map(appView) };
  }

  @Delete(':id')
  @Access('session+csrf')
  @HttpCode(204)
  async revoke(@CurrentSession() { userId }: Session, @Param('id') id: string): Promise<void> {
    await this.grants.revoke(userId, id);
  }
}
