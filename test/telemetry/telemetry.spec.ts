import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { mcpHeaders, modernRequest } from '../support/mcp.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE}-${PARENT}-01`;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { code?: number; message?: string };
  readonly attributes: { key: string; value: Record<string, unknown> }[];
}

/** An OTLP/HTTP collector that keeps what it is given. */
class Collector {
  readonly bodies: string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Collector> {
    const server = createServer();
    const collector = new Collector(server);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        collector.bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get spans(): Span[] {
    type Body = { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    const resources = this.bodies.flatMap((body) => (JSON.parse(body) as Body).resourceSpans);
    return resources.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }
}

const attributes = (span: Span | undefined): Record<string, unknown> =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

let environment: Environment;
let app: TestApp | undefined;
let collector: Collector | undefined;
afterEach(async () => {
  await app?.close();
  await collector?.stop();
  await environment?.drop();
  app = collector = undefined;
});

async function start(variables: Readonly<Record<string, string>>): Promise<string> {
  environment = await createEnvironment(variables);
  app = await startApp(environment);
  return (await mintToken(app)).token;
}

async function post(token: string, headers: Record<string, string>, body: unknown): Promise<Response> {
  return fetch(`${app!.url}/mcp`, { method: 'POST', headers: mcpHeaders(token, headers), body: JSON.stringify(body) });
}

async function callModern(token: string, name: string, args: Record<string, unknown>, traceparent = SAMPLED) {
  const { headers, body } = modernRequest('tools/call', { name, arguments: args });
  Object.assign(body.params._meta, { traceparent });
  return post(token, headers, body);
}

describe('traces', () => {
  it('has a span for each call by the conventions for MCP, under the span that the caller names', async () => {
    collector = await Collector.start();
    const token = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '1' });
    await callModern(token, 'get_account_summary', {});
    await callModern(token, 'get_signal_details', { signal_id: 'sig_of_nobody_0000' });
    const rest = await fetch(`${app!.url}/v1/positions`, {
      headers: { authorization: `Bearer ${token}`, traceparent: SAMPLED },
    });
    expect(rest.status).toBe(200);
    await app!.close();
    app = undefined;
    const [good, bad, other] = collector.spans;
    expect(good).toMatchObject({
      name: 'tools/call get_account_summary',
      traceId: TRACE,
      parentSpanId: PARENT,
      kind: 2,
    });
    expect(attributes(good)).toMatchObject({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_account_summary',
      'mcp.protocol.version': '2026-07-28',
      'jsonrpc.request.id': '7',
      'network.transport': 'tcp',
    });
    expect(attributes(good)['tradecafe.upstream.wait_ms']).toBeGreaterThan(0);
    expect(bad).toMatchObject({ status: { code: 2 } });
    expect(attributes(bad)).toMatchObject({ 'error.type': 'tool_error', 'tradecafe.error.code': 'signal_not_found' });
    expect(other).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(attributes(other)).toMatchObject({ 'tradecafe.transport': 'rest' });
    // Nothing that tells who, with what, or what came of it.
    for (const secret of [token, 'sig_of_nobody_0000', 'demo', '127.0.0.1']) {
      expect(collector.bodies.join()).not.toContain(secret);
    }
  }, 60_000);

  it("a caller's sampled flag does not make us record", async () => {
    collector = await Collector.start();
    const token = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' });
    expect((await callModern(token, 'get_account_summary', {})).status).toBe(200);
    await app!.close();
    app = undefined;
    expect(collector.spans).toEqual([]);
  }, 60_000);

  it("half of the traces are those whose ids say so, every time; a call of nobody's trace begins one", async () => {
    collector = await Collector.start();
    const variables = (ratio: string) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector!.url,
      OTEL_TRACES_SAMPLER_ARG: ratio,
    });
    const [recorded, passedOver] = [`${'0'.repeat(31)}1`, `${'f'.repeat(8)}${'0'.repeat(23)}1`];
    let token = await start(variables('0.5'));
    for (const traceId of [recorded, passedOver, recorded, passedOver, recorded, passedOver]) {
      await callModern(token, 'get_account_summary', {}, `00-${traceId}-${PARENT}-00`);
    }
    await app!.close();
    expect(collector.spans.map(({ traceId }) => traceId)).toEqual([recorded, recorded, recorded]);

    await environment.drop();
    collector.bodies.length = 0;
    token = await start(variables('1'));
    await callModern(token, 'get_account_summary', {}, 'nonsense');
    await app!.close();
    app = undefined;
    const [root, ...others] = collector.spans;
    expect(root).toMatchObject({ name: 'tools/call get_account_summary' });
    expect(root?.parentSpanId).toBeUndefined();
    expect(others).toEqual([]);
  }, 60_000);

  it('a malformed parent is none, and a collector that is away stops neither calls nor the shutdown', async () => {
    const token = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_SAMPLER_ARG: '1' });
    for (const parent of ['nonsense', `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${'0'.repeat(16)}-01`]) {
      expect((await callModern(token, 'get_account_summary', {}, parent)).status).toBe(200);
    }
    await app!.close();
    app = undefined;
  }, 60_000);
});

describe('metrics', () => {
  it('counts calls by method, tool, transport and error, on a listener of its own; invented names do not become labels', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    await once(free.close(), 'close');
    const token = await start({ METRICS_ADDRESS: `127.0.0.1:${port}` });
    environment.sandbox.control.fault({ kind: 'delay', delay_ms: 100 });
    await callModern(token, 'get_account_summary', {});
    await callModern(token, 'a_tool_that_a_caller_made_up', {});
    const metrics = `http://127.0.0.1:${port}`;
    const text = await (await fetch(`${metrics}/metrics`)).text();
    const count = 'mcp_server_operation_duration_seconds_count';
    expect(text).toContain(
      `${count}{mcp_method_name="tools/call",gen_ai_tool_name="get_account_summary",transport="mcp",error_type=""} 1`,
    );
    expect(text).toContain(
      `${count}{mcp_method_name="tools/call",gen_ai_tool_name="(unknown)",transport="mcp",error_type="unknown_tool"} 1`,
    );
    expect(text).toContain('tradecafe_upstream_wait_seconds_count{gen_ai_tool_name="get_account_summary"} 1');
    // In seconds: a call ends within 8 of them, and these waited for 100 ms.
    for (const name of ['mcp_server_operation_duration', 'tradecafe_upstream_wait']) {
      const sum = Number(new RegExp(`^${name}_seconds_sum\\{.*get_account_summary.*\\} (.+)$`, 'm').exec(text)?.[1]);
      expect(sum).toBeGreaterThan(0.09);
      expect(sum).toBeLessThan(9);
    }
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(text).not.toContain('made_up');
    expect((await fetch(`${metrics}/`)).status).toBe(404);
    expect((await fetch(`${app!.url}/metrics`)).status).toBe(404);
    const taken = await createEnvironment({ METRICS_ADDRESS: `127.0.0.1:${port}` });
    await expect(startApp(taken)).rejects.toThrow(/METRICS_ADDRESS .*EADDRINUSE/);
    await taken.drop();
  }, 60_000);
});
