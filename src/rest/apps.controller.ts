import { Controller, Delete, Get, Header, HttpCode, Param, UseInterceptors } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { GrantService } from '../auth/oauth/grants/grant.service.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { Describe } from '../http/route-description.js';
import { appListSchema, type AppView, appView } from './dto/app.view.js';
import { jsonSchema } from './openapi/json-schema.js';
import { StrictQuery } from './strict-query.interceptor.js';

/** The apps that the signed-in person allowed in by OAuth. */
@Controller('v1/apps')
@UseInterceptors(StrictQuery)
export class AppsController {
  constructor(private readonly grants: GrantService) {}

  @Get()
  @Access('session')
  @Describe({
    summary: 'Your apps',
    answers: [
      { status: 200, description: 'What you allowed in by OAuth.', schema: jsonSchema(appListSchema, 'output') },
    ],
  })
  @Header('cache-control', 'no-store')
  async list(@CurrentSession() { userId }: Session): Promise<{ apps: AppView[] }> {
    return { apps: (await this.grants.list(userId)).map(appView) };
  }

  @Delete(':id')
  @Access('session+csrf')
  @Describe({
    summary: 'End what an app may do',
    description: 'At once, on every instance.',
    parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
    answers: [{ status: 204, description: 'It is out.' }],
  })
  @HttpCode(204)
  async revoke(@CurrentSession() { origin }: Session, @Param('id') id: string): Promise<void> {
    await this.grants.revoke(origin, id);
  }
}
