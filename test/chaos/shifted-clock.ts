// Imported before anything else: this process's clock goes wrong by CHAOS_CLOCK_SHIFT_MS, as a host's without NTP does.
// The database's clock is not touched, and only that one may count.
const shift = Number(process.env['CHAOS_CLOCK_SHIFT_MS'] ?? 0);

if (shift !== 0) {
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [target.now() + shift] : args, newTarget) as object,
    get: (target, name, receiver): unknown =>
      name === 'now' ? () => target.now() + shift : Reflect.get(target, name, receiver),
  });
}
