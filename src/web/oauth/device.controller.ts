import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { OauthPages } from './oauth-pages.js';

/** Where a person types the code that a device without a browser shows (RFC 8628). */
@Controller('oauth/device')
export class DeviceController {
  constructor(private readonly pages: OauthPages) {}

  @Get()
  @Access('session')
  show(@CurrentSession() session: Session, @Query() query: unknown, @Res() reply: FastifyReply): void {
    this.pages.deviceCode(session, query, reply);
  }

  @Post()
  @HttpCode(200)
  @Access('session+csrf')
  decide(
    @CurrentSession() session: Session,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pages.device(session, body, request, reply);
  }
}
