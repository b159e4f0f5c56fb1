import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type ComponentChildren, h } from 'preact';
import { render } from 'preact-render-to-string';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Layout } from './layout.js';
import type { Section } from './sections.js';

/**
 * What a browser may do with our pages: load our own style, script and icon, post to us, and nothing else.
 * @param page `formTarget`: where the answer to a form may redirect to besides, as browsers count that as the form's action
 */
function contentSecurityPolicy({ formTarget, connectTo }: Pick<Page, 'formTarget' | 'connectTo'>): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", connectTo].filter(Boolean).join(' '),
    ["form-action 'self'", formTarget].filter(Boolean).join(' '),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** One page, before it is HTML. */
export interface Page {
  readonly title: string;
  readonly section?: Section;
  /** Whose page it is; absent: nobody is signed in, or it does not matter. */
  readonly session?: CurrentSession;
  /** What that person is called. */
  readonly signedInAs?: string;
  /** The same for everybody, so that a browser may keep it and ask whether it is still good. */
  readonly shared?: boolean;
  /** Source expression (CSP 3) of where its form's answer may redirect to, besides ourselves. */
  readonly formTarget?: string;
  /** Origin that the page's script talks to, besides ours. */
  readonly connectTo?: string;
  /** What stands between header and content. */
  readonly above?: ComponentChildren;
  readonly body: ComponentChildren;
}

/** Turns pages into answers: HTML, escaped by Preact, with the headers that every page has. */
@Injectable()
export class PageRenderer {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  send(reply: FastifyReply, page: Page, status = 200): void {
    const synthetic = this.config.mode === 'mock';
    const { title, section, session, signedInAs, above, body } = page;
    void reply
      .code(status)
      .headers({
        'content-security-policy': contentSecurityPolicy(page),
        'x-frame-options': 'DENY',
        // `no-referrer` would turn the Origin of our own forms into `null`, which is refused.
        'referrer-policy': 'same-origin',
        'cache-control': page.shared === true ? 'no-cache' : 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(
        `<!doctype html>${render(h(Layout, { title, section, session, signedInAs, synthetic, above, children: body }))}`,
      );
  }
}
