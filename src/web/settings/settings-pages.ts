import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type ComponentChildren, h } from 'preact';
import type { CurrentSession } from '../../auth/session/session.js';
import { FreezeService } from '../../safety/freeze.service.js';
import { PageRenderer } from '../page/page-renderer.js';
import type { Section } from '../page/sections.js';
import { FreezeBar } from './freeze-bar.js';
import { PersonName } from './person-name.js';

/** One settings page, before it is HTML. */
export interface SettingsPage {
  readonly title: string;
  readonly section: Section;
  readonly body: ComponentChildren;
  /** It shows something once: what leads away from it by accident opens a new tab instead. */
  readonly keepPage?: boolean;
  /** Origin that its script talks to, besides ours. */
  readonly connectTo?: string;
}

/** What all settings pages have: a signed-in person, and the switch that stops all writes. */
@Injectable()
export class SettingsPages {
  constructor(
    private readonly pages: PageRenderer,
    private readonly writes: FreezeService,
    private readonly names: PersonName,
  ) {}

  async send(reply: FastifyReply, session: CurrentSession, page: SettingsPage, code = 200): Promise<void> {
    const { keepPage = false, ...rest } = page;
    const { userId } = session;
    const [status, signedInAs] = await Promise.all([this.writes.status(userId), this.names.of(userId)]);
    const above = h(FreezeBar, {
      status,
      csrfToken: session.csrfToken,
      section: page.section,
      keepPage,
      now: new Date(),
    });
    // The title is the first thing that a screen reader says.
    const title = code < 400 ? page.title : `Error: ${page.title}`;
    this.pages.send(reply, { ...rest, title, session, signedInAs, above }, code);
  }
}
