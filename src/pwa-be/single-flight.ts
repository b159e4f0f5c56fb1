import { type Cancelled, Cancellation } from './cancellation.js';

/** One caller's place in a flight. */
export interface Seat<T> {
  readonly promise: Promise<T>;
  /** The caller waits no longer. The flight itself ends early only when the last one has left. */
  leave(): void;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly cancellation: Cancellation;
  waiters: number;
}

/** Lets identical work in flight be shared. Keys are a group (the user) and a name within it. */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Flight<T>>();

  /** Takes a seat in the flight of that name, or starts one that is cancelled when nobody waits any more. */
  join(group: string, name: string, start: (cancelled: Cancelled) => Promise<T>): Seat<T> {
    const key = prefixOf(group) + name;
    const flight = this.flights.get(key) ?? this.launch(key, start);
    return this.seat(flight, () => this.forget(key, flight));
  }

  /** Starts work that nobody else shares. */
  alone(start: (cancelled: Cancelled) => Promise<T>): Seat<T> {
    return this.seat(takeOff(start), () => undefined);
  }

  /** What is in flight for the group gets no further passengers: it may have seen the state before a write. */
  retire(group: string): void {
    // As many as there are requests to pwa-be at the moment, and only after a write.
    for (const key of this.flights.keys()) if (key.startsWith(prefixOf(group))) this.flights.delete(key);
  }

  private launch(key: string, start: (cancelled: Cancelled) => Promise<T>): Flight<T> {
    const flight = takeOff(start);
    this.flights.set(key, flight);
    const landed = (): void => this.forget(key, flight);
    flight.promise.then(landed, landed);
    return flight;
  }

  private seat(flight: Flight<T>, onEmpty: () => void): Seat<T> {
    flight.waiters += 1;
    let seated = true;
    const leave = (): void => {
      if (!seated) return;
      seated = false;
      flight.waiters -= 1;
      if (flight.waiters > 0) return;
      onEmpty();
      flight.cancellation.cancel();
    };
    return { promise: flight.promise, leave };
  }

  private forget(key: string, flight: Flight<T>): void {
    if (this.flights.get(key) === flight) this.flights.delete(key);
  }
}

/** Its length keeps groups apart, whatever characters they and names consist of. */
function prefixOf(group: string): string {
  return `${group.length}:${group}:`;
}

function takeOff<T>(start: (cancelled: Cancelled) => Promise<T>): Flight<T> {
  const cancellation = new Cancellation();
  return { promise: start(cancellation), cancellation, waiters: 0 };
}
