import type { OnApplicationShutdown } from '@nestjs/common';
import type { CallObserver, ObservedCall } from './observed-call.js';

/** Metrics and traces of calls; without either configured, nothing at all. */
export class Telemetry implements OnApplicationShutdown {
  constructor(private readonly observers: readonly CallObserver[]) {}

  /** Whether anybody listens: what it costs to describe a call can be saved otherwise. */
  get isOn(): boolean {
    return this.observers.length > 0;
  }

  observe(call: ObservedCall): void {
    for (const observer of this.observers) observer.observe(call);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observers.map((observer) => observer.close()));
  }
}
