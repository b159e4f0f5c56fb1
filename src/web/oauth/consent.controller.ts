import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { OauthPages } from './oauth-pages.js';

/** The consent page of an authorization, where the library sends the browser. */
@Controller('oauth/interaction')
export class ConsentController {
  constructor(private readonly pages: OauthPages) {}

  @Get(':uid')
  @Access('session')
  show(
    @CurrentSession() session: Session,
    @Param('uid') uid: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pages.consent(session, uid, request, reply);
  }

  @Post(':uid')
  @HttpCode(303)
  @Access('session+csrf')
  decide(
    @CurrentSession() session: Session,
    @Param('uid') uid: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pages.decide(session, uid, body, request, reply);
  }
}
