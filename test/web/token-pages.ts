import type { TestApp } from '../support/app.js';
import { Browser } from './browser.js';

export const TOKENS = '/settings/tokens';
/** A form that is in order. */
export const GOOD = { name: 'Claude Code on my laptop', expires: '90', preset: 'read' };
/** The second yes to trading. */
export const SURE = { confirm_write: 'yes' };

export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly hint: string;
}

/** A signed-in person at the token pages, without script. */
export class TokenPages {
  private constructor(
    readonly browser: Browser,
    private readonly csrf: string,
  ) {}

  static async open(app: TestApp, user = 'demo'): Promise<TokenPages> {
    const browser = new Browser(app);
    await browser.signIn(user);
    return new TokenPages(browser, await browser.csrfOf(TOKENS));
  }

  /** The fields of a form of this session's. */
  form(fields: Record<string, string> = {}): [string, string][] {
    return Object.entries({ csrf_token: this.csrf, ...fields });
  }

  /** Sends the form that creates a token. */
  send(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.browser.post(TOKENS, this.form({ ...GOOD, ...fields }), headers);
  }

  async list(): Promise<string> {
    return (await this.browser.get(TOKENS)).text();
  }

  /** A fresh page's mark of its form. */
  async nonce(): Promise<string> {
    return /name="nonce" value="([^"]+)"/.exec(await this.list())![1]!;
  }

  /** Creates a token with the form and returns it. */
  async create(fields: Record<string, string>): Promise<string> {
    const answer = await this.send(fields);
    const token = shownToken(await answer.text());
    if (answer.status !== 200 || token === undefined) throw new Error(`the form answered ${answer.status}`);
    return token;
  }

  async tokens(): Promise<ListedToken[]> {
    return ((await (await this.browser.get('/v1/tokens')).json()) as { tokens: ListedToken[] }).tokens;
  }

  /** The id that the list shows for a token's name. */
  async idOf(name: string): Promise<string> {
    return (await this.tokens()).find((token) => token.name === name)!.id;
  }
}

/** The token that a page shows, if it shows one. */
export function shownToken(html: string): string | undefined {
  return /id="token">(tc_pat_[0-9A-Za-z]{50})</.exec(html)?.[1];
}

/** Whether a token opens /mcp, as the status of its answer. */
export async function statusAtMcp({ url }: Pick<TestApp, 'url'>, token: string): Promise<number> {
  const { status } = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  return status;
}
