import { setTimeout as delay } from 'node:timers/promises';
import type { CrashPoint } from '../../src/safety/crash-points.js';
import type { FaultInput } from '../../src/sandbox/fault-rules.js';
import {
  commit,
  commitAs,
  commitWithKey,
  dryRun,
  expireIn,
  freeze,
  resume,
  revoke,
  type Ticket,
  ticketFor,
} from './actions.js';
import type { InstanceProcess } from './instance-process.js';
import type { Random } from './random.js';
import { slowLedger } from './slow-ledger.js';
import type { Person, Slot, World } from './world.js';

/** One thing that goes wrong, from beginning to end; recovery is waited for by the run. */
export type Scenario = (world: World, random: Random) => Promise<void>;

export const CRASH_POINTS: readonly CrashPoint[] = [
  'before_tx1',
  'after_tx1',
  'before_put',
  'after_put',
  'before_tx2',
  'after_tx2',
];

/** What pwa-be may do to a PUT, shorter than the settling time where it is only late. */
const FAULTS: readonly FaultInput[] = [
  { kind: 'hang' },
  { kind: 'hang', when: 'after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, when: 'after' },
  { kind: 'status', status: 503, when: 'after' },
  { kind: 'status', status: 422 },
  { kind: 'drop_before' },
  { kind: 'drop_after' },
  { kind: 'delay', delay_ms: 400 },
  { kind: 'delay', delay_ms: 1_300 },
  { kind: 'delay', delay_ms: 1_300, when: 'after' },
  { kind: 'half' },
  { kind: 'garbage' },
];

/** A point may not be passed as often as ordered: something else may refuse a commit before. */
const KILL_ATTEMPTS = 3;
const SLOW_MS = 120;
/** Longer than a PUT may be on its way, so that one that was sent too late is seen to be late. */
const PAST_EXPIRY_MS = 2_600;

const someone = (world: World, random: Random): Person => random.pick(world.people);
const something = (random: Random): 'pending' | 'open' => random.pick(['pending', 'open']);
const some = (world: World, random: Random): Promise<Ticket> =>
  ticketFor(world, someone(world, random), something(random));

/** kill -9 at a named point of a commit, with others under way; then the client asks another instance. */
export function killAt(point: CrashPoint): Scenario {
  return async (world, random) => {
    const doomed = await world.live();
    const dying = doomed.process!;
    const tickets: Ticket[] = [];
    for (let attempt = 0; dying.alive && attempt < KILL_ATTEMPTS; attempt += 1) {
      const more = await times(random.between(1, 3), () => some(world, random));
      await dying.arm({ point, action: 'kill', pass: random.between(1, more.length) });
      await Promise.all(more.map((ticket) => commit(world, doomed, ticket)));
      await Promise.race([dying.ended, delay(500)]);
      tickets.push(...more);
    }
    await gone(world, doomed, dying, point);
    const other = await world.live(doomed);
    await Promise.all(tickets.map((ticket) => commit(world, other, ticket)));
  };
}

/** kill -9 at any moment. */
export const killAnywhere: Scenario = async (world, random) => {
  const tickets = await times(4, () => some(world, random));
  const doomed = await world.live();
  const dying = doomed.process!;
  const asked = Promise.all(tickets.map((ticket) => commit(world, doomed, ticket)));
  await delay(random.below(60));
  await Promise.all([asked, dying.kill()]);
  await gone(world, doomed, dying, 'anywhere');
  const other = await world.live(doomed);
  await Promise.all(tickets.map((ticket) => commit(world, other, ticket)));
};

/** The same token, many times at once, on every instance. */
export function stampede(size: number): Scenario {
  return async (world, random) => {
    const ticket = await some(world, random);
    const slots = world.slots.filter(({ process }) => process?.alive === true);
    await Promise.all(Array.from({ length: size }, (_, index) => commit(world, slots[index % slots.length]!, ticket)));
  };
}

/** One write under one key of the client's own, with a preview for each attempt, on every instance; one of them dies. */
export const sameKey: Scenario = async (world, random) => {
  const first = await some(world, random);
  const more = await times(5, async () => dryRun(world, await world.live(), first.person, first.tool, first.target));
  const tickets = [first, ...more.filter((ticket) => ticket !== undefined)];
  const clientKey = `chaos ${first.target}`;
  const doomed = await world.live();
  const dying = doomed.process!;
  const asked = Promise.all(
    tickets.map(async (ticket, index) =>
      commitWithKey(world, index === 0 ? doomed : await world.live(), ticket, clientKey),
    ),
  );
  await delay(random.below(60));
  await Promise.all([asked, dying.kill()]);
  await gone(world, doomed, dying, 'anywhere');
  await Promise.all(tickets.map(async (ticket) => commitWithKey(world, await world.live(doomed), ticket, clientKey)));
};

/** Every way in which a PUT can fail, all at once, each for a trade of its own. */
export const faults: Scenario = async (world, random) => {
  world.sandbox.settings({ dedupe: random.chance(0.5), send_pending: random.chance(0.7) });
  try {
    await Promise.all(FAULTS.map((fault) => faulty(world, random, fault)));
  } finally {
    world.sandbox.settings({ dedupe: true, send_pending: true });
  }
};

async function faulty(world: World, random: Random, fault: FaultInput): Promise<void> {
  const ticket = await some(world, random);
  strike(world, ticket, fault);
  await commit(world, await world.live(), ticket);
  await commit(world, await world.live(), ticket);
}

/** Two previews of one signal, committed at once: one PUT gets lost, the other one approves it. Only one has succeeded. */
export const twoTokensOneTrade: Scenario = async (world, random) => {
  const first = await ticketFor(world, someone(world, random), 'pending');
  const second = await dryRun(world, await world.live(), first.person, first.tool, first.target);
  if (second === undefined) return;
  strike(world, first, { kind: 'drop_before' });
  const [a, b] = [await world.live(), await world.live()];
  await Promise.all([commit(world, a, first), commit(world, b, second)]);
};

/** Expired by the database's clock, on every instance: one of them believes that it is still good. */
export const expired: Scenario = async (world, random) => {
  const tickets = await times(2, () => some(world, random));
  await Promise.all(tickets.map((ticket) => expireIn(world, ticket, -random.between(1, 8_000))));
  await world.wrongClock.starting;
  const slots = world.slots.filter(({ process }) => process?.alive === true);
  await Promise.all(tickets.flatMap((ticket) => slots.map((slot) => commit(world, slot, ticket))));
};

/** In the ledger in time, but stopped until the token has expired. */
export const expiresBeforePut: Scenario = async (world, random) => {
  const ticket = await some(world, random);
  await expireIn(world, ticket, 1_000);
  await heldAt(world, 'before_put', ticket, (process) => stop(world, process, 1_000 + PAST_EXPIRY_MS));
};

/** SIGSTOP around the PUT, shorter and longer than others wait before they look. */
export function stopAround(point: CrashPoint, ms: number): Scenario {
  return async (world, random) => {
    const ticket = await some(world, random);
    await heldAt(world, point, ticket, (process) => stop(world, process, ms));
    await commit(world, await world.live(), ticket);
  };
}

/** SIGSTOP while pwa-be works on the PUT. */
export const stopDuringPut: Scenario = async (world, random) => {
  const ticket = await some(world, random);
  strike(world, ticket, { kind: 'delay', delay_ms: 300 });
  const slot = await world.live();
  const process = slot.process!;
  const asked = commit(world, slot, ticket);
  await delay(random.below(250));
  await stop(world, process, random.between(200, 1_500));
  await asked;
};

/** The database out of reach of one instance, in the middle of a commit. */
export function cutAt(point: CrashPoint): Scenario {
  return async (world, random) => {
    const ticket = await some(world, random);
    await heldAt(world, point, ticket, async (process, { wire }) => {
      world.history.blow('cut', point);
      wire.cut();
      process.release();
      await delay(random.between(100, 800));
      wire.mend();
    });
    await commit(world, await world.live(), ticket);
  };
}

/** The database out of everybody's reach, with commits under way. */
export const cutAll: Scenario = async (world, random) => {
  const tickets = await times(4, () => some(world, random));
  const asked = Promise.all(tickets.map(async (ticket) => commit(world, await world.live(), ticket)));
  await delay(random.below(60));
  world.history.blow('cut', 'all');
  for (const { wire } of world.slots) wire.cut();
  await delay(random.between(200, 1_000));
  for (const { wire } of world.slots) wire.mend();
  await asked;
};

/** Frozen in the middle of commits, by another instance; then everybody tries again at once. */
export const freezeRace: Scenario = async (world, random) => {
  const person = someone(world, random);
  await race(world, random, person, async (slot) => freeze(world, slot, person));
  await resume(world, person);
};

/** Revoked in the middle of commits, by another instance; then everybody tries again at once. */
export const revokeRace: Scenario = async (world, random) => {
  const person = await world.newCredential(someone(world, random).login);
  await race(world, random, person, async (slot) => revoke(world, slot, person));
};

async function race(
  world: World,
  random: Random,
  person: Person,
  end: (slot: Slot) => Promise<boolean>,
): Promise<void> {
  const tickets = await times(8, () => ticketFor(world, person, something(random)));
  const late = tickets.splice(4);
  await slowLedger.set(world.db, SLOW_MS);
  try {
    const asked = tickets.map(async (ticket) => commit(world, await world.live(), ticket));
    await delay(random.between(20, 20 + SLOW_MS));
    if (await end(await world.live())) {
      const slots = world.slots.filter(({ process }) => process?.alive === true);
      await Promise.all(late.map((ticket, index) => commit(world, slots[index % slots.length]!, ticket)));
    }
    await Promise.all(asked);
  } finally {
    await slowLedger.set(world.db, 0);
  }
}

/** Each wrong use of a token, and then the right one. */
export const wrongUses: Scenario = async (world, random) => {
  const [one, other] = world.people as [Person, Person];
  const ticket = await ticketFor(world, one, 'open');
  const wrongs: Partial<Ticket>[] = [
    { tool: 'approve_pending_trade' },
    { target: world.addTrade(one, 'open') },
    { person: other },
    { person: await world.newCredential(one.login) },
    { actionToken: `tc_act_${'A'.repeat(43)}` },
  ];
  await Promise.all(wrongs.map(async (wrong) => commitAs(world, await world.live(), ticket, wrong)));
  await commit(world, await world.live(), ticket);
  if (random.chance(0.5)) await commit(world, await world.live(), ticket);
};

/** Lets a fault strike the next PUT of this ticket. */
function strike(world: World, { tool, target }: Ticket, fault: FaultInput): void {
  const action = tool === 'close_position' ? 'close' : 'approve';
  world.history.blow('fault', `${fault.kind} ${fault.when ?? ''}`.trim());
  world.sandbox.fault({ method: 'PUT', path: `/trade/${action}/${target}`, times: 1, ...fault });
}

/** Commits on an instance that is held at a point while something is done to it. */
async function heldAt(
  world: World,
  point: CrashPoint,
  ticket: Ticket,
  action: (process: InstanceProcess, slot: Slot) => Promise<void>,
): Promise<void> {
  const slot = await world.live();
  const process = slot.process!;
  if (!(await process.arm({ point, action: 'hold', pass: 1 }))) return;
  const here = process.reached(point);
  const asked = commit(world, slot, ticket);
  await Promise.race([here, asked]);
  await action(process, slot);
  process.release();
  await asked;
}

async function stop(world: World, process: InstanceProcess, ms: number): Promise<void> {
  world.history.blow('stop', `${ms} ms`);
  await process.stopFor(ms);
}

/** Notes the end of an instance that was to die, and starts another one in its place. */
async function gone(world: World, slot: Slot, dying: InstanceProcess, what: string): Promise<void> {
  world.history.blow('kill', dying.alive ? `${what}, not reached` : what);
  await dying.kill();
  // What goes on beside this may have killed the same one.
  if (slot.process === dying) world.restart(slot);
}

async function times<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}
