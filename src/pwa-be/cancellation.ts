/** Whether somebody still waits for what is done here, as the doers see it. */
export interface Cancelled {
  readonly cancelled: boolean;
  /**
   * Calls `handler` when nobody waits any more; not when that is so already.
   * @returns has it forgotten
   */
  listen(handler: () => void): () => void;
}

/**
 * What AbortController is, for the reads of every call: a signal of the platform costs as much as the bearer check, since it
 * is an EventTarget and allocates an event for each listener.
 */
export class Cancellation implements Cancelled {
  private readonly handlers = new Set<() => void>();
  private fired = false;

  get cancelled(): boolean {
    return this.fired;
  }

  listen(handler: () => void): () => void {
    this.handlers.add(handler);
    return () => void this.handlers.delete(handler);
  }

  /** Nobody waits any more. */
  cancel(): void {
    if (this.fired) return;
    this.fired = true;
    for (const handler of this.handlers) handler();
    this.handlers.clear();
  }
}
