import { Controller, Delete, Header, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { Describe } from '../http/route-description.js';
import { FreezeService, type FreezeStatus } from '../safety/freeze.service.js';
import { freezeView } from './dto/freeze.view.js';
import { jsonSchema } from './openapi/json-schema.js';
import { StrictQuery } from './strict-query.interceptor.js';

const STATUS = {
  status: 200,
  description: 'Whether writes are stopped now.',
  schema: jsonSchema(freezeView, 'output'),
};

/** The one switch that stops all writes of the user's apps and tokens. */
@Controller('v1/freeze')
@UseInterceptors(StrictQuery)
export class FreezeController {
  constructor(private readonly writes: FreezeService) {}

  @Post()
  @HttpCode(200)
  @Access('session+csrf')
  @Describe({ summary: 'Stop all writes of your apps and tokens', answers: [STATUS] })
  @Header('cache-control', 'no-store')
  freeze(@CurrentSession() { origin }: Session): Promise<FreezeStatus> {
    return this.writes.freeze(origin);
  }

  @Delete()
  @Access('session+csrf')
  @Describe({ summary: 'Allow writes again', answers: [STATUS] })
  @Header('cache-control', 'no-store')
  resume(@CurrentSession() { origin }: Session): Promise<FreezeStatus> {
    return this.writes.resume(origin);
  }
}
