import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { CONFIG, type Config } from '../../config/config.js';
import type { AppError } from '../../errors/app-error.js';
import { errorHeaders } from '../../http/problem.js';
import { loginAddress } from '../login/login-address.js';
import { browserWords } from './browser-words.js';
import { ErrorPage } from './error.page.js';
import { PageRenderer } from './page-renderer.js';
import { wayBack } from './way-back.js';

/** Errors of the browser's routes as pages; who is not signed in is sent to the login page instead. */
@Injectable()
export class PageErrors {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pages: PageRenderer,
  ) {}

  readonly render = (error: AppError, request: FastifyRequest, reply: FastifyReply): void => {
    // Only a request that can simply be made again: what a form posted would be lost on the way.
    if (error.code === 'session_required' && ['GET', 'HEAD'].includes(request.method)) {
      void reply.header('cache-control', 'no-store').redirect(loginAddress(this.config, request.url), 303);
      return;
    }
    void reply.headers(errorHeaders(error));
    const body = h(ErrorPage, { error, requestId: request.id, back: wayBack(error, request, this.config) });
    const title = browserWords(error).title.replace(/\.$/, '');
    this.pages.send(reply, { title, body }, error.entry.status);
  };
}
