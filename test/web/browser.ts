import type { TestApp } from '../support/app.js';
import { issued, issuedCookie } from '../support/run-logs/run-logs.js';

/** A browser without script: keeps the session cookie, reads forms, sends them with the Origin a browser would. */
export class Browser {
  /** @param cookie name and value of a session that it has from before */
  constructor(
    private readonly app: TestApp,
    private cookie = '',
  ) {}

  /** One request; redirects are answers here, not followed. */
  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.keep(
      await fetch(`${this.app.url}${path}`, { redirect: 'manual', headers: { cookie: this.cookie, ...headers } }),
    );
  }

  /** Sends a form; `headers` replace what a browser on our own page would send. */
  async post(
    path: string,
    fields: Iterable<[string, string]>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.keep(
      await fetch(`${this.app.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: this.cookie, origin: this.app.config.publicUrl, ...headers },
        body: new URLSearchParams([...fields]),
      }),
    );
  }

  async signIn(user: string): Promise<void> {
    await this.post('/login', Object.entries({ user }));
  }

  /** The CSRF field of a page's form. */
  async csrfOf(path: string): Promise<string> {
    const token = /name="csrf_token" value="([^"]+)"/.exec(await (await this.get(path)).text())?.[1];
    if (token === undefined) throw new Error(`${path} has no form with a CSRF field`);
    return issued(token);
  }

  private keep(response: Response): Response {
    const cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0];
    if (cookie !== undefined) this.cookie = issuedCookie(cookie);
    return response;
  }
}
