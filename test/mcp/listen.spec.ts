import { afterEach, describe, expect, it } from '@jest/globals';
import type { ChangeSink, McpSurface, UpdateSink } from '../../src/mcp/surface/surface.js';
import { type FixtureApp, startFixtureApp } from '../conformance/fixture/fixture.app.js';
import { fixtureSurface } from '../conformance/fixture/fixture.surface.js';
import { modernRequest } from '../support/mcp.js';
import { until } from '../support/until.js';
import { openStream, type SseStream } from './sse.js';

const ID = 'io.modelcontextprotocol/subscriptionId';
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
const WATCHED = ['test://a', 'test://b'];

/** A surface whose changes the test makes. */
class Watched {
  readonly lists = new Map<ChangeSink, AbortSignal>();
  readonly resources = new Map<UpdateSink, AbortSignal>();
  early: string[] = [];

  surface(): McpSurface {
    const surface = fixtureSurface();
    const watchList = (_: unknown, sink: ChangeSink, signal: AbortSignal): void => void this.lists.set(sink, signal);
    return {
      ...surface,
      tools: { ...surface.tools, watchList },
      prompts: { ...surface.prompts!, watchList: undefined },
      resources: {
        ...surface.resources!,
        watch: async (_exchange, uris, sink, signal) => {
          this.resources.set(sink, signal);
          for (const uri of this.early) sink.updated(uri);
          await Promise.resolve();
          return uris.filter((uri) => WATCHED.includes(uri));
        },
      },
    };
  }

  update(uri: string): void {
    for (const sink of this.resources.keys()) sink.updated(uri);
  }
}

let watched: Watched;
let app: FixtureApp;
const streams: SseStream[] = [];
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await app.close();
});

async function start(): Promise<void> {
  watched = new Watched();
  app = await startFixtureApp(watched.surface());
}

async function listen(notifications: unknown, id: string | number = 7): Promise<SseStream> {
  const { headers, body } = modernRequest('subscriptions/listen', { notifications });
  const stream = await openStream(app.url, headers, { ...body, id });
  streams.push(stream);
  return stream;
}

describe('a listen stream', () => {
  it('acknowledges first what it will tell of, and nothing else', async () => {
    await start();
    const stream = await listen({
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: false,
      resourceSubscriptions: ['test://b', 'test://unknown', 'test://b'],
    });
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['x-accel-buffering']).toBe('no');
    expect(stream.headers['cache-control']).toContain('no-cache');
    expect(await stream.next()).toEqual({
      jsonrpc: '2.0',
      method: ACKNOWLEDGED,
      params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['test://b'] }, _meta: { [ID]: 7 } },
    });
  });

  it('tells of changes with its id, each kind only to who asked for it', async () => {
    await start();
    const lists = await listen({ toolsListChanged: true }, 'one');
    const resources = await listen({ resourceSubscriptions: WATCHED }, 2);
    await Promise.all([lists.next(), resources.next()]);
    watched.update('test://a');
    for (const sink of watched.lists.keys()) sink.changed();
    watched.update('test://b');
    expect(await lists.next()).toMatchObject({
      method: 'notifications/tools/list_changed',
      params: { _meta: { [ID]: 'one' } },
    });
    const updated = (uri: string) => ({
      method: 'notifications/resources/updated',
      params: { uri, _meta: { [ID]: 2 } },
    });
    expect([await resources.next(), await resources.next()]).toMatchObject([updated('test://a'), updated('test://b')]);
    expect([lists.received, resources.received]).toEqual([2, 3]);
  });

  it('holds back what happens before the acknowledgement', async () => {
    await start();
    watched.early = ['test://a', 'test://b'];
    const stream = await listen({ resourceSubscriptions: WATCHED });
    const methods = [await stream.next(), await stream.next(), await stream.next()].map((message) => message?.method);
    expect(methods).toEqual([ACKNOWLEDGED, ...Array<string>(2).fill('notifications/resources/updated')]);
  });

  it('stops all watching when the client goes away', async () => {
    await start();
    const stream = await listen({ toolsListChanged: true, resourceSubscriptions: WATCHED });
    await stream.next();
    const signals = [...watched.lists.values(), ...watched.resources.values()];
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
    stream.close();
    const aborted = () => signals.map((signal) => signal.aborted);
    expect(await until(aborted, (all) => all.every(Boolean))).toEqual([true, true]);
  });

  it.each<[string, () => Promise<unknown> | void]>([
    ['the watcher', () => [...watched.resources.keys()][0]!.end()],
    ['a shutdown', () => app.close()],
  ])('ended by %s: the client is told, then the stream ends', async (_, end) => {
    await start();
    const stream = await listen({ resourceSubscriptions: WATCHED }, 'it');
    await stream.next();
    void end();
    for (const sink of watched.resources.keys()) setImmediate(() => sink.updated('test://a'));
    const result = { resultType: 'complete', _meta: { [ID]: 'it' } };
    expect(await stream.next()).toMatchObject({ id: 'it', result });
    expect(await stream.next()).toBeUndefined();
    expect([...watched.resources.values()].map((signal) => signal.aborted)).toEqual([true]);
  });

  it('with nothing to tell of is acknowledged and ended', async () => {
    await start();
    for (const filter of [{}, { promptsListChanged: true }, { resourceSubscriptions: ['test://unknown'] }]) {
      const stream = await listen(filter);
      expect(await stream.next()).toMatchObject({ method: ACKNOWLEDGED, params: { notifications: {} } });
      expect(await stream.next()).toMatchObject({ result: { resultType: 'complete' } });
      expect(await stream.next()).toBeUndefined();
    }
  });
});

describe('a listen request', () => {
  it.each<[unknown]>([
    [undefined],
    [null],
    ['toolsListChanged'],
    [['toolsListChanged']],
    [{ toolsListChanged: 'yes' }],
    [{ promptsListChanged: 1 }],
    [{ resourceSubscriptions: 'test://a' }],
    [{ resourceSubscriptions: ['test://a', 7] }],
    [{ resourceSubscriptions: Array.from({ length: 101 }, String) }],
  ])('%# with a filter that is none is 400 -32602', async (filter) => {
    await start();
    const { headers, body } = modernRequest('subscriptions/listen', { notifications: filter });
    const response = await fetch(app.url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { id: 7, error: { code: -32602 } }]);
    expect([...watched.lists, ...watched.resources]).toEqual([]);
  });

  it('is unknown where there is nothing to listen to', async () => {
    const { resources, ...surface } = fixtureSurface();
    watched = new Watched();
    app = await startFixtureApp({
      ...surface,
      tools: { ...surface.tools, watchList: undefined },
      prompts: { ...surface.prompts!, watchList: undefined },
      resources: { ...resources!, watch: undefined },
    });
    const { headers, body } = modernRequest('subscriptions/listen', { notifications: {} });
    const response = await fetch(app.url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: -32601 } }]);
  });

  it('past the streams that a credential may have is refused, until one is closed', async () => {
    await start();
    const first = await listen({ toolsListChanged: true });
    for (let count = 1; count < 32; count += 1) await listen({ toolsListChanged: true });
    const tooMany = await listen({ toolsListChanged: true });
    expect(await tooMany.next()).toMatchObject({ error: { code: -31_000, message: expect.stringContaining('32') } });
    first.close();
    const again = async (): Promise<unknown> => (await (await listen({ toolsListChanged: true })).next())?.method;
    expect(await until(again, (method) => method === ACKNOWLEDGED)).toBe(ACKNOWLEDGED);
  });
});
