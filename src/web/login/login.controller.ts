import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { Access } from '../../auth/access.decorator.js';
import { mintSession } from '../../auth/session/session-token.js';
import { CONFIG, type Config } from '../../config/config.js';
import { DEMO_USERS } from '../../config/demo.js';
import { AppError } from '../../errors/app-error.js';
import { formField } from '../page/form-field.js';
import { PageRenderer } from '../page/page-renderer.js';
import { LoginPage } from './login.page.js';
import { nextPath } from './next-path.js';
import { refuseOtherSites } from './same-site.js';
import { sessionCookie } from './session-cookie.js';

const SESSION_S = 12 * 60 * 60;
const AFTER_LOGIN = '/settings/tokens';

/** Mock mode's sign-in as a demo user. In live mode the site signs people in, and there is nothing here. */
@Controller('login')
@Access('public')
export class LoginController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pages: PageRenderer,
  ) {}

  @Get()
  show(@Query('next') next: unknown, @Res() reply: FastifyReply): void {
    this.requireMock();
    this.page(reply, this.destination(next));
  }

  @Post()
  @HttpCode(303)
  async signIn(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.requireMock();
    refuseOtherSites(request, this.config.publicUrl);
    const next = this.destination(formField(body, 'next'));
    const user = DEMO_USERS.find(({ login }) => login === formField(body, 'user'));
    if (user === undefined) {
      this.page(reply, next, 'Choose one of these users.');
      return;
    }
    const token = await mintSession(user.id, this.config.secrets.sessionJwtSecret, SESSION_S);
    void reply
      .header('set-cookie', sessionCookie(this.config, token, SESSION_S))
      .header('cache-control', 'no-store')
      .redirect(next, 303);
  }

  private page(reply: FastifyReply, next: string, error?: string): void {
    this.pages.send(reply, { title: 'Sign in', body: h(LoginPage, { next, error }) }, error === undefined ? 200 : 422);
  }

  private destination(next: unknown): string {
    return nextPath(next, this.config.publicUrl) ?? AFTER_LOGIN;
  }

  private requireMock(): void {
    if (this.config.mode !== 'mock') throw new AppError('not_found');
  }
}
