import type { ComponentChildren } from 'preact';
import type { CurrentSession } from '../../auth/session/session.js';
import { assetPath } from '../assets/assets.js';
import { Logo } from './logo.js';
import { type Section, SECTIONS } from './sections.js';

export interface LayoutProps {
  readonly title: string;
  readonly section?: Section | undefined;
  readonly session?: CurrentSession | undefined;
  readonly signedInAs?: string | undefined;
  /** Mock mode: nothing on the page is anybody's money, and the page must say so. */
  readonly synthetic: boolean;
  /** What stands between header and content, on every page of a kind. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The whole document around a page's content. */
export function Layout({ title, section, session, signedInAs, synthetic, above, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · TradeCafe MCP`}</title>
        <meta name="color-scheme" content="dark light" />
        <link rel="icon" type="image/svg+xml" href={assetPath('favicon.svg')} />
        <link rel="stylesheet" href={assetPath('site.css')} />
        <script type="module" src={assetPath('site.js')} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        {synthetic && (
          <p class="synthetic">
            <span class="label">Sandbox</span> All data here is synthetic: no real account, no real money.
          </p>
        )}
        <header class="site-header">
          <a class="brand" href="/docs">
            <Logo />
            <span class="brand-name">TradeCafe</span>
            <span class="label">MCP</span>
          </a>
          <nav aria-label="Main">
            {Object.entries(SECTIONS).map(([key, { href, label }]) => (
              <a key={key} href={href} aria-current={key === section ? 'page' : undefined}>
                {label}
              </a>
            ))}
          </nav>
          <div class="account">
            {signedInAs !== undefined && (
              <span class="person">
                <span class="visually-hidden">Signed in as </span>
                <bdi>{signedInAs}</bdi>
              </span>
            )}
            {synthetic && session !== undefined && (
              <form method="post" action="/logout">
                <button class="link" type="submit">
                  Sign out
                </button>
              </form>
            )}
          </div>
        </header>
        {above}
        <main id="main" tabIndex={-1}>
          {children}
        </main>
        <footer class="site-footer">
          <p>AI clients can be wrong. What one does with your token, it does in your name.</p>
        </footer>
      </body>
    </html>
  );
}
