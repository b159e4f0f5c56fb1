import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Exchange } from '../../src/mcp/exchange.js';
import type { RequestIo } from '../../src/mcp/surface/request-io.js';
import type { McpSurface, UpdateSink } from '../../src/mcp/surface/surface.js';
import { type FixtureApp, SOMEBODY, startFixtureApp } from '../conformance/fixture/fixture.app.js';
import { fixtureSurface } from '../conformance/fixture/fixture.surface.js';
import { modernRequest } from '../support/mcp.js';
import { type Message, openStream } from './sse.js';

/** Calls that wait until all of them are there, and then end in the reverse order: as interleaved as can be. */
class Rendezvous {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly size: number) {}

  async meet(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === this.size) this.release();
    });
  }

  private release(): void {
    this.waiting.pop()?.();
    if (this.waiting.length > 0) setImmediate(() => this.release());
  }
}

type Call = (exchange: Exchange, echo: string, io: RequestIo) => Promise<string>;

/** The fixture with one tool, which tells its caller's user and its argument, on the way and in the end. */
function echoing(call: Call): McpSurface {
  const surface = fixtureSurface();
  const updates = new Map<UpdateSink, string>();
  return {
    ...surface,
    tools: {
      list: () => [],
      call: async (exchange, { arguments: args }, io) => {
        const said = await call(exchange, String(args?.['echo']), io);
        for (const [sink, userId] of updates) sink.updated(`test://${userId}`);
        return { content: [{ type: 'text', text: said }] };
      },
    },
    resources: {
      ...surface.resources!,
      watch: (exchange, _uris, sink, signal) => {
        const { userId } = exchange.principal;
        updates.set(sink, userId);
        signal.addEventListener('abort', () => updates.delete(sink), { once: true });
        return Promise.resolve([`test://${userId}`]);
      },
    },
  };
}

const sound =
  (rendezvous: Rendezvous): Call =>
  async ({ principal }, echo, io) => {
    io.progress(1, 2, `${principal.userId} ${echo}`);
    await rendezvous.meet();
    io.progress(2, 2, `${principal.userId} ${echo}`);
    return `${principal.userId} ${echo}`;
  };

/** As one server object for all requests would have it: what belongs to a request is kept where the next one writes. */
const shared = (rendezvous: Rendezvous): Call => {
  let latest: { exchange: Exchange; io: RequestIo } | undefined;
  return async (exchange, echo, io) => {
    latest = { exchange, io };
    io.progress(1, 2, `${exchange.principal.userId} ${echo}`);
    await rendezvous.meet();
    latest.io.progress(2, 2, `${exchange.principal.userId} ${echo}`);
    return `${latest.exchange.principal.userId} ${echo}`;
  };
};

let app: FixtureApp;
afterEach(() => app.close());

const start = async (call: Call): Promise<void> => {
  const principalOf = ({ 'x-user': user = 'nobody' }: Readonly<Record<string, unknown>>) => ({
    ...SOMEBODY,
    userId: String(user),
    credentialId: String(user),
  });
  app = await startFixtureApp(echoing(call), principalOf);
};

/** A call on the wire. All have the same JSON-RPC id and the same progress token. */
function request(era: string, echo: string): { headers: Record<string, string>; body: object } {
  const modern = modernRequest('tools/call', { name: 'echo', arguments: { echo } });
  const params = { ...modern.body.params, _meta: { ...modern.body.params._meta, progressToken: 'same' } };
  if (era === 'modern') return { headers: modern.headers, body: { ...modern.body, id: 7, params } };
  const { name, arguments: args } = params as Record<string, unknown>;
  const legacy = { name, arguments: args, _meta: { progressToken: 'same' } };
  return { headers: {}, body: { jsonrpc: '2.0', id: 7, method: 'tools/call', params: legacy } };
}

/** Everything that one call was told, in order. */
async function told(era: string, user: string, echo: string): Promise<unknown[]> {
  const { headers, body } = request(era, echo);
  const stream = await openStream(app.url, { ...headers, 'x-user': user }, body);
  const messages: Message[] = [];
  for (let message = await stream.next(); message !== undefined; message = await stream.next()) messages.push(message);
  const textOf = (result: Message['result']): unknown =>
    (result?.['content'] as { text: string }[] | undefined)?.[0]?.text;
  return messages.map(({ params, result }) => params?.['message'] ?? textOf(result));
}

/** Lets two users call at once in an era. @returns what was told to somebody whom it does not concern, or not at all */
async function strangers(era: string, calls: number): Promise<string[]> {
  const all = Array.from({ length: calls }, (_, index) => [index % 2 === 0 ? 'ann' : 'bob', `${index}`] as const);
  const answers = await Promise.all(all.map(([user, echo]) => told(era, user, echo)));
  return all.flatMap(([user, echo], index) => {
    const own = `${user} ${echo}`;
    const wanted = JSON.stringify([own, own, own]);
    const got = JSON.stringify(answers[index]);
    return got === wanted ? [] : [`${own} was told ${got}`];
  });
}

describe.each(['legacy', 'modern'])('the streams of two principals, %s leg', (era) => {
  const CALLS = 40;

  it('never tell one of them what is for the other, however they interleave', async () => {
    await start(sound(new Rendezvous(CALLS)));
    expect(await strangers(era, CALLS)).toEqual([]);
  });

  it('would be seen to, if anything of a request were shared', async () => {
    await start(shared(new Rendezvous(CALLS)));
    const found = await strangers(era, CALLS);
    expect(found.length).toBeGreaterThan(CALLS / 2);
    expect(found.join('\n')).toMatch(/ann \d+ was told .*bob/);
  });
});

describe('listen streams of two principals', () => {
  it('tell each of its own resource only, with its own id, while both call tools', async () => {
    const CALLS = 20;
    await start(sound(new Rendezvous(CALLS)));
    const listening = await Promise.all(
      ['ann', 'bob', 'ann', 'bob'].map(async (user) => {
        const { headers, body } = modernRequest('subscriptions/listen', {
          notifications: { resourceSubscriptions: ['test://ann', 'test://bob'] },
        });
        const stream = await openStream(app.url, { ...headers, 'x-user': user }, body);
        return [user, stream] as const;
      }),
    );
    expect(await strangers('modern', CALLS)).toEqual([]);
    for (const [user, stream] of listening) {
      const acknowledged = await stream.next();
      expect(acknowledged?.params?.['notifications']).toEqual({ resourceSubscriptions: [`test://${user}`] });
      const uris = new Set<unknown>();
      for (let count = 0; count < CALLS; count += 1) uris.add((await stream.next())?.params?.['uri']);
      expect([...uris]).toEqual([`test://${user}`]);
      stream.close();
    }
  });
});

describe.each(['legacy', 'modern'])('300 calls with equal ids, %s leg', (era) => {
  const CALLS = 300;

  it('on one connection: each gets its own answer, in the order of the requests', async () => {
    await start(async (_exchange, echo) => {
      await rendezvous.meet();
      return echo;
    });
    const rendezvous = new Rendezvous(CALLS);
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    for (let index = 0; index < CALLS; index += 1) {
      const { headers, body } = request(era, `e${index}`);
      const text = JSON.stringify(body);
      const lines = Object.entries({
        host: `${hostname}:${port}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': String(Buffer.byteLength(text)),
        ...headers,
      }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
    }
    let received = '';
    const answers = (): string[] => [...received.matchAll(/"text":"(e\d+)"/g)].map(([, echo]) => echo!);
    for await (const chunk of socket.setEncoding('utf8')) {
      received += String(chunk);
      if (answers().length === CALLS) break;
    }
    expect(answers()).toEqual(Array.from({ length: CALLS }, (_, index) => `e${index}`));
    expect(received.match(/"id":7\b/g)).toHaveLength(CALLS);
  });

  it('on connections of their own: each gets its own answer', async () => {
    await start(sound(new Rendezvous(CALLS)));
    expect(await strangers(era, CALLS)).toEqual([]);
  });
});
