import {
  type Attributes,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../logging/logger.js';
import type { CallObserver, ObservedCall } from './observed-call.js';

export interface TraceOptions {
  /** Base of an OTLP/HTTP collector; spans go to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Share of the traces that is recorded, from 0 to 1. */
  readonly ratio: number;
  readonly serviceName: string;
}

/**
 * A server span for each sampled call (OpenTelemetry GenAI semantic conventions, MCP). Which ones are sampled follows from the caller's
 * trace id alone, or is a matter of chance where there is none: a caller's `sampled` flag would let anybody make us record everything.
 */
export class OpenTelemetryTraces implements CallObserver {
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;
  private readonly sampler: TraceIdRatioBasedSampler;
  private readonly ratio: number;

  constructor(
    { endpoint, ratio, serviceName }: TraceOptions,
    private readonly logger: Logger,
  ) {
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
    this.ratio = ratio;
    this.sampler = new TraceIdRatioBasedSampler(ratio);
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    this.tracer = this.provider.getTracer('tradecafe-mcp');
  }

  observe(call: ObservedCall): void {
    if (!this.isSampled(call.parent)) return;
    const endTime = Date.now();
    const context =
      call.parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, { ...call.parent, traceFlags: TraceFlags.NONE, isRemote: true });
    const span = this.tracer.startSpan(
      nameOf(call),
      { kind: SpanKind.SERVER, startTime: endTime - call.durationMs },
      context,
    );
    span.setAttributes(attributesOf(call));
    if (call.errorCode !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: call.errorCode });
    span.end(endTime);
  }

  /** Decided before there is a span: at 1 %, making the other 99 was most of what traces cost. */
  private isSampled(parent: ObservedCall['parent']): boolean {
    if (parent === undefined) return Math.random() < this.ratio;
    const { decision } = this.sampler.shouldSample(ROOT_CONTEXT, parent.traceId);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  /** Hands over what is still queued; a collector that is away costs some seconds and the last spans, never the shutdown. */
  async close(): Promise<void> {
    try {
      await this.provider.forceFlush({ timeoutMillis: 3_000 });
      await this.provider.shutdown();
    } catch (error) {
      this.logger.warn({ err: error }, 'The last spans could not be exported');
    }
  }
}

/** `{mcp.method.name} {target}`, the target being a tool's name; elsewhere the route. */
function nameOf({ method, operation }: ObservedCall): string {
  if (method === 'tools/call') return operation === undefined ? method : `${method} ${operation}`;
  return method ?? operation ?? 'call';
}

function attributesOf(call: ObservedCall): Attributes {
  const { method, operation, errorCode } = call;
  const attributes: Attributes = {
    'network.transport': call.transport === 'stdio' ? 'pipe' : 'tcp',
    'tradecafe.transport': call.transport,
    'tradecafe.upstream.wait_ms': call.upstreamMs,
  };
  if (method !== undefined) attributes['mcp.method.name'] = method;
  if (method === 'tools/call') {
    attributes['gen_ai.operation.name'] = 'execute_tool';
    if (operation !== undefined) attributes['gen_ai.tool.name'] = operation;
  }
  if (call.protocolVersion !== undefined) attributes['mcp.protocol.version'] = call.protocolVersion;
  if (call.rpcId !== undefined) attributes['jsonrpc.request.id'] = String(call.rpcId);
  if (errorCode !== undefined) {
    // The convention's word for a result with isError; the code of the error table says which.
    attributes['error.type'] = method === 'tools/call' ? 'tool_error' : errorCode;
    attributes['tradecafe.error.code'] = errorCode;
  }
  return attributes;
}
