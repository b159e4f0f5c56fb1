import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { CallObserver, ObservedCall } from './observed-call.js';

/** In seconds. A call ends within 8. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LABELS = ['mcp_method_name', 'gen_ai_tool_name', 'transport', 'error_type'] as const;

/**
 * Metrics for Prometheus on a listener of their own, so that what faces the world does not carry them. The histogram is
 * OpenTelemetry's `mcp.server.operation.duration` (GenAI semantic conventions, MCP) in Prometheus' spelling; calls over REST are in
 * it too, with their route and without a method.
 */
export class PrometheusMetrics implements CallObserver {
  private readonly registry = new Registry();
  private readonly duration = new Histogram({
    name: 'mcp_server_operation_duration_seconds',
    help: 'Duration of a call, from its arguments to its outcome.',
    labelNames: LABELS,
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly upstream = new Histogram({
    name: 'tradecafe_upstream_wait_seconds',
    help: 'How long a call waited for pwa-be.',
    labelNames: ['gen_ai_tool_name'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly server: Server;

  private constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': this.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
  }

  /** @throws Error that names METRICS_ADDRESS when it cannot be listened on */
  static async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<PrometheusMetrics> {
    const metrics = new PrometheusMetrics();
    metrics.server.listen(port, host);
    try {
      await once(metrics.server, 'listening');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new Error(
        `METRICS_ADDRESS ${host}:${port} cannot be listened on (${code}): set a free port of this machine.`,
        {
          cause,
        },
      );
    }
    return metrics;
  }

  observe({ method, operation = '(unknown)', transport, errorCode, durationMs, upstreamMs }: ObservedCall): void {
    this.duration.observe(
      { mcp_method_name: method ?? '', gen_ai_tool_name: operation, transport, error_type: errorCode ?? '' },
      durationMs / 1000,
    );
    if (upstreamMs > 0) this.upstream.observe({ gen_ai_tool_name: operation }, upstreamMs / 1000);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
