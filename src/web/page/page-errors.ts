import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { CONFIG, type Config } from '../../config/config.js';
import type { AppError } from '../../errors/app-error.js';
import { errorHeaders } from '../../http/problem.js';
import { loginAddress } from '../login/login-address.js';
import { draftAddress } from '../tokens/draft.js';
import { ErrorPage } from './error.page.js';
import { PageRenderer } from './page-renderer.js';

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
    const body = h(ErrorPage, { error, requestId: request.id, back: this.wayBack(error, request) });
    this.pages.send(reply, { title: error.entry.title.replace(/\.$/, ''), body }, error.entry.status);
  };

  /** Absolute addresses: who came by another name of this machine (localhost) gets to the one that works. */
  private wayBack(error: AppError, request: FastifyRequest): { href: string; label: string } {
    const { publicUrl, mode } = this.config;
    const { url } = request;
    if (error.code === 'session_required')
      return { href: loginAddress(this.config, this.typed(request) ?? '/settings/tokens'), label: 'Sign in' };
    const typed = error.code === 'csrf_failed' ? this.typed(request) : undefined;
    if (typed !== undefined) return { href: `${publicUrl}${typed}`, label: 'Open the form again' };
    if (url.startsWith('/settings')) return { href: `${publicUrl}/settings/tokens`, label: 'To your tokens' };
    if (url.startsWith('/login') && mode === 'mock')
      return { href: `${publicUrl}/login`, label: 'To the sign-in page' };
    return { href: `${publicUrl}/docs`, label: 'To the documentation' };
  }

  /** Where the form that creates a token opens as it was filled in on our own page; what another site sent is dropped. */
  private typed({ method, url, headers, body }: FastifyRequest): string | undefined {
    const ours = headers.origin === new URL(this.config.publicUrl).origin;
    return ours && method === 'POST' && url === '/settings/tokens' ? draftAddress(body) : undefined;
  }
}
