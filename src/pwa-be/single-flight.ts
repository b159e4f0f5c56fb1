/** One caller's place in a flight. */
export interface Seat<T> {
  readonly promise: Promise<T>;
  /** The caller waits no longer. The flight itself ends early only when the last one has left. */
  leave(): void;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
}

/** Lets identical work in flight be shared. Keys are a group (the user) and a name within it. */
export class SingleFlight<T> {
  private readonly groups = new Map<string, Map<string, Flight<T>>>();

  /** Takes a seat in the flight of that name, or starts one with a signal that fires when nobody waits any more. */
  join(group: string, name: string, start: (signal: AbortSignal) => Promise<T>): Seat<T> {
    const flight = this.groups.get(group)?.get(name) ?? this.launch(group, name, start);
    return this.seat(flight, () => this.forget(group, name, flight));
  }

  /** Starts work that nobody else shares. */
  alone(start: (signal: AbortSignal) => Promise<T>): Seat<T> {
    return this.seat(takeOff(start), () => undefined);
  }

  /** What is in flight for the group gets no further passengers: it may have seen the state before a write. */
  retire(group: string): void {
    this.groups.delete(group);
  }

  private launch(group: string, name: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const flight = takeOff(start);
    const flights = this.groups.get(group) ?? new Map<string, Flight<T>>();
    this.groups.set(group, flights.set(name, flight));
    const landed = (): void => this.forget(group, name, flight);
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
      flight.controller.abort();
    };
    return { promise: flight.promise, leave };
  }

  private forget(group: string, name: string, flight: Flight<T>): void {
    const flights = this.groups.get(group);
    if (flights?.get(name) !== flight) return;
    flights.delete(name);
    if (flights.size === 0) this.groups.delete(group);
  }
}

function takeOff<T>(start: (signal: AbortSignal) => Promise<T>): Flight<T> {
  const controller = new AbortController();
  return { promise: start(controller.signal), controller, waiters: 0 };
}
