import { Controller, Delete, Header, HttpCode, Post } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { FreezeService, type FreezeStatus } from '../safety/freeze.service.js';

/** The one switch that stops all writes of the user's apps and tokens. */
@Controller('v1/freeze')
export class FreezeController {
  constructor(private readonly writes: FreezeService) {}

  @Post()
  @HttpCode(200)
  @Access('session+csrf')
  @Header('cache-control', 'no-store')
  freeze(@CurrentSession() { userId }: Session): Promise<FreezeStatus> {
    return this.writes.freeze(userId);
  }

  @Delete()
  @Access('session+csrf')
  @Header('cache-control', 'no-store')
  resume(@CurrentSession() { userId }: Session): Promise<FreezeStatus> {
    return this.writes.resume(userId);
  }
}
