import type { Evidence, LedgerRow, Put } from './evidence.js';
import type { DryRun } from './history.js';

/** `invariant`: its number in the list below. */
export interface Violation {
  readonly invariant: number;
  readonly what: string;
}

/** timestamptz(3) rounds. */
const ROUNDING_MS = 1;

type Invariant = (evidence: Evidence) => string[];

/** The promises of the write tools, checked against the sandbox's own journal. */
const INVARIANTS: readonly (readonly [number, Invariant])[] = [
  [1, oneAttempt],
  [2, asPreviewed],
  [3, inTime],
  [4, endingsAreTrue],
  [5, intentFirst],
  [6, stoppedMeansStopped],
  [7, nothingIsOpen],
  [8, whatWasToldHolds],
];

/** Judges a whole run, after recovery. @returns every violation; none when all promises were kept */
export function verdict(evidence: Evidence): Violation[] {
  return INVARIANTS.flatMap(([invariant, check]) => check(evidence).map((what) => ({ invariant, what })));
}

/** 1. At most one PUT for each action token, and for each key of a client's own, so at most one effect. */
function oneAttempt({ events, puts, effects, commits }: Evidence): string[] {
  const repeated = (items: readonly string[]): string[] => {
    const seen = new Set<string>();
    return items.filter((item) => seen.size === seen.add(item).size);
  };
  const byClientKey = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.kind !== 'commit' || event.clientKey === undefined) continue;
    byClientKey.set(event.clientKey, (byClientKey.get(event.clientKey) ?? new Set()).add(event.tokenHash));
  }
  const twice = [...byClientKey].filter(
    ([, tokens]) => commits.filter(({ tokenHash }) => tokens.has(tokenHash)).length > 1,
  );
  return [
    ...twice.map(([clientKey]) => `more than one commit with the client's key ${clientKey}`),
    ...puts.filter(({ key }) => key === null).map(({ target }) => `a PUT to ${target} without an idempotency key`),
    ...repeated(keys(puts)).map((key) => `more than one PUT with the key ${key}`),
    ...repeated(keys(effects)).map((key) => `more than one effect with the key ${key}`),
    ...repeated(commits.map(({ tokenHash }) => tokenHash)).map((hash) => `the token ${hash} was committed twice`),
  ];
}

/** 2. User, tool and trade are those of the preview that the token was handed out with. */
function asPreviewed({ puts, commits, events }: Evidence): string[] {
  const ledger = byKey(commits);
  const previews = new Map(
    events.filter((event): event is DryRun => event.kind === 'dry_run').map((event) => [event.tokenHash, event]),
  );
  return puts.flatMap((put) => {
    const preview = previews.get(ledger.get(put.key ?? '')?.tokenHash ?? '');
    if (preview === undefined) return [`the PUT ${describe(put)} has no preview`];
    const same = put.user === preview.user && put.tool === preview.tool && put.target === preview.target;
    return same ? [] : [`the PUT ${describe(put)} is not what was previewed: ${describe(preview)}`];
  });
}

/**
 * 3. Nothing is sent after expiry, by the database's clock: no ledger row is younger than its token's expiry, its send
 * window ends by then, and no PUT arrives later after that window than one may be on its way.
 */
function inTime({ puts, commits, tokens, clock, putMs }: Evidence): string[] {
  const expiry = new Map(tokens.map(({ hash, expiresAt }) => [hash, expiresAt]));
  const ledger = byKey(commits);
  const late = commits.flatMap(({ id, tokenHash, createdAt, sendBefore }) => {
    const expiresAt = expiry.get(tokenHash);
    if (expiresAt === undefined) return [`the commit ${id} has no token`];
    if (createdAt > expiresAt + ROUNDING_MS)
      return [`the commit ${id} was made ${createdAt - expiresAt} ms after expiry`];
    return sendBefore > expiresAt + ROUNDING_MS ? [`the commit ${id} may be sent after its token's expiry`] : [];
  });
  const sentLate = puts.flatMap((put) => {
    const commit = ledger.get(put.key ?? '');
    if (commit === undefined) return [];
    const after = put.at + clock.offsetMs - clock.errorMs - commit.sendBefore;
    return after > putMs ? [`the PUT ${describe(put)} came ${Math.round(after)} ms after its send window`] : [];
  });
  return [...late, ...sentLate];
}

/** 4. `succeeded` is exactly one effect; `refused` and `not_applied` are none. */
function endingsAreTrue({ commits, effects }: Evidence): string[] {
  const counts = new Map<string, number>();
  for (const key of keys(effects)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return commits.flatMap(({ id, key, status }) => {
    const count = counts.get(key) ?? 0;
    if (status === 'succeeded' && count !== 1) return [`the commit ${id} succeeded, with ${count} effects`];
    const none = status === 'refused' || status === 'not_applied';
    return none && count !== 0 ? [`the commit ${id} is ${status}, with ${count} effects`] : [];
  });
}

/** 5. Every PUT and every effect has its ledger row and its audit intent written before, and its end is audited. */
function intentFirst({ puts, effects, commits, audits, clock }: Evidence): string[] {
  const ledger = byKey(commits);
  const intents = new Map(audits.filter(({ outcome }) => outcome === 'intent').map((row) => [row.commitId, row.at]));
  const ends = new Set(audits.filter(({ outcome }) => outcome !== 'intent').map(({ commitId }) => commitId));
  const unannounced = [...puts, ...effects].flatMap((write) => {
    const commit = ledger.get(write.key ?? '');
    if (commit === undefined) return [`${describe(write)} is not in the ledger`];
    const at = write.at + clock.offsetMs + clock.errorMs + ROUNDING_MS;
    if (commit.createdAt > at) return [`${describe(write)} came before its ledger row`];
    return (intents.get(commit.id) ?? Infinity) > at ? [`${describe(write)} has no audit intent before it`] : [];
  });
  const silent = commits.filter(({ id, status }) => !isOpen(status) && !ends.has(id));
  return [...unannounced, ...silent.map(({ id }) => `the end of the commit ${id} is not audited`)];
}

/** 6. After the answer to a freeze or a revocation nothing is sent but what had passed the cut-off by then. */
function stoppedMeansStopped({ events, puts, commits }: Evidence): string[] {
  const ledger = byKey(commits);
  return events.flatMap((event) => {
    if (event.kind === 'freeze') {
      const resumed = events.filter((other) => other.kind === 'resume' && other.user === event.user);
      const until = Math.min(
        ...resumed.map((other) => ('sentAt' in other ? other.sentAt : 0)).filter((at) => at >= event.answeredAt),
      );
      return puts
        .filter(({ user, at }) => user === event.user && at > event.answeredAt && at < until)
        .filter(({ key }) => !event.inFlight.includes(ledger.get(key ?? '')?.id ?? ''))
        .map(
          (put) => `the PUT ${describe(put)} came ${put.at - event.answeredAt} ms after a freeze that did not list it`,
        );
    }
    if (event.kind !== 'revoke') return [];
    return puts
      .filter(({ key }) => ledger.get(key ?? '')?.credentialId === event.credentialId)
      .filter(({ key, at }) => at > event.answeredAt && !event.inLedger.includes(ledger.get(key ?? '')!.id))
      .map((put) => `the PUT ${describe(put)} was made with a credential that was revoked before`);
  });
}

/** 7. Nothing stays open after recovery, and no token is spent for nothing. */
function nothingIsOpen({ commits, tokens }: Evidence): string[] {
  const committed = new Set(commits.map(({ tokenHash }) => tokenHash));
  return [
    ...commits.filter(({ status }) => isOpen(status)).map(({ id, status }) => `the commit ${id} is still ${status}`),
    ...tokens
      .filter(({ used, hash }) => used && !committed.has(hash))
      .map(({ hash }) => `the token ${hash} was spent without a commit`),
  ];
}

/** 8. What a client was told is what the ledger says in the end; it is told success once; nothing fails unforeseen. */
function whatWasToldHolds({ events, commits }: Evidence): string[] {
  const statuses = new Map(commits.map(({ tokenHash, status }) => [tokenHash, status]));
  const meaning: Readonly<Record<string, string>> = {
    ok: 'succeeded',
    commit_refused: 'refused',
    commit_not_applied: 'not_applied',
  };
  const succeeded = new Set<string>();
  const statusOfKey = keyStatuses(events, statuses);
  return events.flatMap((event) => {
    if (event.kind === 'dry_run' && isUnforeseen(event.told)) return [`a dry run failed: ${event.told}`];
    if (event.kind !== 'commit') return [];
    const { told, tokenHash, clientKey } = event;
    if (isUnforeseen(told)) return [`a commit of the token ${tokenHash} failed: ${told}`];
    const ended = clientKey === undefined ? statuses.get(tokenHash) : statusOfKey.get(clientKey);
    const promised = meaning[told];
    if (promised !== undefined && promised !== ended) {
      return [`a client was told ${told} of the token ${tokenHash}, whose commit is ${ended ?? 'not there'}`];
    }
    // With its own key a client may be told a success as often as it asks.
    if (told !== 'ok' || clientKey !== undefined || !succeeded.has(tokenHash)) {
      if (told === 'ok') succeeded.add(tokenHash);
      return [];
    }
    return [`two clients were told that the token ${tokenHash} succeeded`];
  });
}

/** How the commit of each client's key ended, whichever of its tokens was spent. */
function keyStatuses(events: Evidence['events'], statuses: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const ended = events.flatMap((event): [string, string][] => {
    if (event.kind !== 'commit' || event.clientKey === undefined) return [];
    const status = statuses.get(event.tokenHash);
    return status === undefined ? [] : [[event.clientKey, status]];
  });
  return new Map(ended);
}

function isUnforeseen(told: string): boolean {
  return told === 'internal_error' || told.startsWith('unforeseen');
}

function isOpen(status: string): boolean {
  return status === 'pending' || status === 'unknown';
}

function keys(writes: readonly Put[]): string[] {
  return writes.flatMap(({ key }) => (key === null ? [] : [key]));
}

function byKey(commits: readonly LedgerRow[]): ReadonlyMap<string, LedgerRow> {
  return new Map(commits.map((commit) => [commit.key, commit]));
}

function describe({ user, tool, target }: Pick<Put, 'user' | 'tool' | 'target'>): string {
  return `${tool} ${target} of ${user ?? 'nobody'}`;
}
