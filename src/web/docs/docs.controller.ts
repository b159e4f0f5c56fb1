import { Controller, Get, Inject, Redirect, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { Access } from '../../auth/access.decorator.js';
import { CONFIG, type Config } from '../../config/config.js';
import { API_REFERENCE, type ApiReference } from '../../http/api-reference.js';
import { TOOLS } from '../../tools/registry.js';
import { PageRenderer } from '../page/page-renderer.js';
import { DocsPage } from './docs.page.js';
import { referenceEntries } from './reference.js';

/** How to connect, for everybody. */
@Controller()
@Access('public')
export class DocsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pages: PageRenderer,
    @Inject(API_REFERENCE) private readonly reference: ApiReference,
  ) {}

  @Get()
  @Redirect('/docs', 303)
  home(): void {}

  @Get('docs')
  show(@Res() reply: FastifyReply): void {
    const body = h(DocsPage, {
      apiPublicUrl: this.config.apiPublicUrl,
      tools: TOOLS,
      reference: referenceEntries(this.reference.document()),
    });
    this.pages.send(reply, { title: 'Connect your AI client', section: 'docs', shared: true, body });
  }
}
