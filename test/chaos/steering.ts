import type { CrashPoint, CrashPoints } from '../../src/safety/crash-points.js';

/** What an instance is to do when a commit passes a point. */
export interface Order {
  readonly point: CrashPoint;
  /** `kill`: SIGKILL to itself, there and then. `hold`: say so and wait until it is let go. */
  readonly action: 'kill' | 'hold';
  /** At which passage, counted from 1. */
  readonly pass: number;
}

/** What the driver tells an instance. */
export type Instruction = { readonly arm: Order } | { readonly release: true };
/** What an instance tells the driver. */
export type Report = { readonly ready: number } | { readonly armed: true } | { readonly reached: CrashPoint };

/** The crash points of an instance whose driver steers it over the IPC channel. */
export class SteeredCrashPoints implements CrashPoints {
  private orders: { order: Order; left: number }[] = [];
  private held: (() => void)[] = [];

  constructor(private readonly report: (report: Report) => void) {}

  take(instruction: Instruction): void {
    if ('arm' in instruction) {
      this.orders.push({ order: instruction.arm, left: instruction.arm.pass });
      this.report({ armed: true });
      return;
    }
    this.orders = [];
    for (const letGo of this.held.splice(0)) letGo();
  }

  reach(point: CrashPoint): void | Promise<void> {
    const due = this.orders.filter((entry) => entry.order.point === point && --entry.left === 0);
    this.orders = this.orders.filter(({ left }) => left > 0);
    if (due.length === 0) return undefined;
    if (due.some(({ order }) => order.action === 'kill')) process.kill(process.pid, 'SIGKILL');
    return new Promise((resolve) => {
      this.held.push(resolve);
      this.report({ reached: point });
    });
  }
}
