import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { refuseOtherSites } from './same-site.js';
import { sessionCookie } from './session-cookie.js';

/** Mock mode's sign-out. In live mode the session is the site's to end. */
@Controller('logout')
@Access('public')
export class LogoutController {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  @Post()
  @HttpCode(303)
  signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (this.config.mode !== 'mock') throw new AppError('not_found');
    refuseOtherSites(request, this.config.publicUrl);
    void reply
      .header('set-cookie', sessionCookie(this.config, '', 0))
      .header('cache-control', 'no-store')
      .redirect('/login', 303);
  }
}
