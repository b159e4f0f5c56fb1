/** Keeps the last `capacity` entries and counts what it had to let go. */
export class BoundedLog<T> {
  private kept: T[] = [];
  private count = 0;

  constructor(private readonly capacity: number) {}

  push(entry: T): void {
    this.count += 1;
    this.kept.push(entry);
    // Twice the capacity before it cuts: dropping one by one would copy the list for every entry.
    if (this.kept.length >= this.capacity * 2) this.kept = this.kept.slice(-this.capacity);
  }

  /** Every entry ever pushed, those let go included. */
  get total(): number {
    return this.count;
  }

  /** Oldest first. */
  get entries(): readonly T[] {
    return this.kept.slice(-this.capacity);
  }
}
