import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { RevocationPages } from './revocation-pages.js';
import { RotationPages } from './rotation-pages.js';
import { TokenPages } from './token-pages.js';

/** The token pages and their forms. */
@Controller('settings/tokens')
export class TokensController {
  constructor(
    private readonly pages: TokenPages,
    private readonly revocation: RevocationPages,
    private readonly rotation: RotationPages,
  ) {}

  @Get()
  @Access('session')
  list(@CurrentSession() session: Session, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    return this.pages.list(session, query, reply);
  }

  @Post()
  @HttpCode(200)
  @Access('session+csrf')
  create(
    @CurrentSession() session: Session,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.pages.create(session, body, request.id, reply);
  }

  @Get(':id/revoke')
  @Access('session')
  confirmRevoke(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.revocation.ask(session, id, reply);
  }

  @Post(':id/revoke')
  @HttpCode(303)
  @Access('session+csrf')
  revoke(@CurrentSession() session: Session, @Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    return this.revocation.revoke(session, id, reply);
  }

  @Get(':id/rotate')
  @Access('session')
  offerRotation(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.rotation.offer(session, id, query, reply);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Access('session+csrf')
  rotate(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.rotation.rotate(session, id, body, reply);
  }
}
