import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import type { CallObserver } from './observed-call.js';
import { Telemetry } from './telemetry.js';

/** Both libraries are loaded only where they are used: a start without them costs nothing. */
@Global()
@Module({
  providers: [
    {
      provide: Telemetry,
      inject: [CONFIG, LOGGER],
      useFactory: async ({ telemetry }: Config, logger: Logger): Promise<Telemetry> => {
        const observers: CallObserver[] = [];
        if (telemetry.metrics !== undefined) {
          const { PrometheusMetrics } = await import('./prometheus-metrics.js');
          observers.push(await PrometheusMetrics.listen(telemetry.metrics));
        }
        if (telemetry.traces !== undefined) {
          const { OpenTelemetryTraces } = await import('./opentelemetry-traces.js');
          observers.push(new OpenTelemetryTraces(telemetry.traces, logger));
        }
        return new Telemetry(observers);
      },
    },
  ],
  exports: [Telemetry],
})
export class TelemetryModule {}
