import { Controller, Get, Header, Inject, UseInterceptors } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { USER_DIRECTORY, type UserDirectory } from '../auth/user-directory.js';
import { AppError } from '../errors/app-error.js';
import { Describe } from '../http/route-description.js';
import { FreezeService } from '../safety/freeze.service.js';
import { type SessionView, sessionView } from './dto/session.view.js';
import { jsonSchema } from './openapi/json-schema.js';
import { StrictQuery } from './strict-query.interceptor.js';

/** Who is signed in, and the token that proves to us that a write came from our pages. */
@Controller('v1/session')
@UseInterceptors(StrictQuery)
export class SessionController {
  constructor(
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
    private readonly writes: FreezeService,
  ) {}

  @Get()
  @Access('session')
  @Describe({
    summary: 'Who is signed in',
    answers: [{ status: 200, description: 'The person of this session.', schema: jsonSchema(sessionView, 'output') }],
  })
  @Header('cache-control', 'no-store')
  async show(@CurrentSession() { userId, csrfToken }: Session): Promise<SessionView> {
    const [username, { frozen_at: frozenAt }] = await Promise.all([
      this.usernameOf(userId),
      this.writes.status(userId),
    ]);
    return { user_id: userId, username, csrf_token: csrfToken, frozen_at: frozenAt };
  }

  private async usernameOf(userId: string): Promise<string | null> {
    try {
      return (await this.directory.describe(userId))?.username ?? null;
    } catch (error) {
      // The name is decoration; without this answer nobody could revoke a token while TradeCafe is away.
      if (error instanceof AppError) return null;
      throw error;
    }
  }
}
