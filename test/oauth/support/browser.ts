import type { DemoName, Reachable } from '../../support/app.js';
import { signIn } from '../../support/app.js';
import { issued } from '../../support/run-logs/run-logs.js';

/** A field of a form, as the page has it. */
export type Field = readonly [name: string, value: string];

/** A page with a form on it. */
export interface FormPage {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
  readonly action: string;
  /** What the browser would send: hidden fields, ticked boxes, what stands in text fields. */
  readonly fields: readonly Field[];
}

/** What a person's browser does, without script: cookies by path, redirects, forms. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>();

  constructor(private readonly app: Reachable) {}

  async signIn(user: DemoName = 'demo'): Promise<this> {
    const [name, value] = (await signIn(this.app, user)).split('=', 2) as [string, string];
    this.cookies.set(`${name} /`, { value, path: '/' });
    return this;
  }

  /** The same browser, whose requests another instance answers from now on. */
  movedTo(app: Reachable): Browser {
    const browser = new Browser(app);
    for (const [name, cookie] of this.cookies) browser.cookies.set(name, cookie);
    return browser;
  }

  setCookie(name: string, value: string, path = '/'): void {
    this.cookies.set(`${name} ${path}`, { value, path });
  }

  /** The value of a cookie, whatever its path. */
  cookie(name: string): string | undefined {
    return [...this.cookies].find(([key]) => key.startsWith(`${name} `))?.[1].value;
  }

  /** One request; redirects are answers here. */
  async request(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, this.app.url);
    const cookie = this.cookiesFor(target.pathname);
    const headers = { ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string>) };
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  /** Follows redirects while they stay on the service. @returns the page, or the redirect that leaves */
  async open(url: string): Promise<Response> {
    let next = url;
    for (let hops = 0; hops < 10; hops += 1) {
      const response = await this.request(next);
      const location = response.headers.get('location');
      if (location === null || !this.isOurs(location)) return response;
      next = location;
    }
    throw new Error(`too many redirects from ${url}`);
  }

  /** Opens an address that must lead to a form of the service. */
  async form(url: string): Promise<FormPage> {
    return this.read(await this.open(url));
  }

  async read(response: Response): Promise<FormPage> {
    const text = await response.text();
    issued(/name="csrf_token" value="([^"]+)"/.exec(text)?.[1] ?? '');
    return {
      status: response.status,
      url: response.url,
      text,
      headers: response.headers,
      action: unescape(
        /<form[^>]* method="post" action="([^"]*)"/.exec(text.replace(/<header[\s\S]*?<\/header>/, ''))?.[1],
      ),
      fields: [...text.matchAll(/<input ([^>]*)>/g)].flatMap(([, attributes = '']) => {
        const attribute = (name: string) => unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]);
        const counts = ['hidden', 'text'].includes(attribute('type')) || /\bchecked\b/.test(attributes);
        return counts ? [[attribute('name'), attribute('value')] as const] : [];
      }),
    };
  }

  /** Sends a form as the browser would: same-origin. Redirects are answers here. */
  post(action: string, fields: Iterable<Field>, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(action, {
      method: 'POST',
      body: new URLSearchParams([...fields].map(([name, value]) => [name, value])),
      headers: { origin: this.app.config.publicUrl, ...headers },
    });
  }

  /** Presses a button of a form, and follows to where the browser leaves the service. */
  async press(page: FormPage, decision: 'authorize' | 'cancel', change = (fields: readonly Field[]) => fields) {
    const answer = await this.post(page.action, [...change(page.fields), ['decision', decision]]);
    const location = answer.headers.get('location');
    return location !== null && this.isOurs(location) ? this.open(location) : answer;
  }

  private isOurs(location: string): boolean {
    return new URL(location, this.app.url).origin === new URL(this.app.url).origin;
  }

  private cookiesFor(path: string): string {
    return [...this.cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([key, { value }]) => `${key.split(' ', 1)[0]}=${value}`)
      .join('; ');
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const separator = pair.indexOf('=');
    const [name, value] = [pair.slice(0, separator), pair.slice(separator + 1)];
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    const gone = value === '' || attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute));
    if (gone) this.cookies.delete(`${name} ${path}`);
    else this.cookies.set(`${name} ${path}`, { value: issued(value), path });
  }
}

function unescape(text = ''): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
