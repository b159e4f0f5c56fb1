import { describe, expect, it } from '@jest/globals';
import type { Evidence } from './evidence.js';
import type { HistoryEvent } from './history.js';
import { verdict } from './verdict.js';

const PUT = { at: 1_100, user: 'ada', tool: 'close_position', target: 'pos_1', key: 'k1' };
const COMMIT = {
  id: 'c1',
  tokenHash: 't1',
  key: 'k1',
  user: 'ada',
  credentialId: 'pat1',
  status: 'succeeded',
  createdAt: 1_050,
  sendBefore: 11_050,
};
const TOKEN = { hash: 't1', expiresAt: 301_000, used: true };
const DRY_RUN: HistoryEvent = {
  kind: 'dry_run',
  at: 1_000,
  told: 'ok',
  tokenHash: 't1',
  user: 'ada',
  tool: 'close_position',
  target: 'pos_1',
};
const TOLD = { kind: 'commit', sentAt: 1_040, answeredAt: 1_200, instance: 0, tokenHash: 't1', told: 'ok' } as const;
const FREEZE = { kind: 'freeze', sentAt: 1_000, answeredAt: 1_090, user: 'ada', inFlight: [] as string[] } as const;
const REVOKE = { kind: 'revoke', answeredAt: 1_090, credentialId: 'pat1', inLedger: [] as string[] } as const;
const AUDITS = [
  { commitId: 'c1', outcome: 'intent', at: 1_050 },
  { commitId: 'c1', outcome: 'ok', at: 1_150 },
];

/** One commit as it should go. */
const SOUND: Evidence = {
  events: [DRY_RUN, TOLD],
  puts: [PUT],
  effects: [PUT],
  tokens: [TOKEN],
  commits: [COMMIT],
  audits: AUDITS,
  clock: { offsetMs: 0, errorMs: 0 },
  putMs: 2_000,
};

const ended = (status: string): Pick<Evidence, 'commits' | 'events'> => ({
  commits: [{ ...COMMIT, status }],
  events: [DRY_RUN],
});

describe('the verdict', () => {
  it('finds nothing in a run as it should be', () => {
    expect(verdict(SOUND)).toEqual([]);
  });

  it.each<[number, string, Partial<Evidence>]>([
    [1, 'two PUTs for one token', { puts: [PUT, { ...PUT, at: 1_120 }] }],
    [1, 'two effects of one token', { effects: [PUT, PUT] }],
    [1, 'a PUT without a key', { puts: [PUT, { ...PUT, key: null }] }],
    [1, 'a token committed twice', { commits: [COMMIT, { ...COMMIT, id: 'c2', key: 'k2', status: 'not_applied' }] }],
    [
      1,
      "a client's key committed twice, with two tokens",
      {
        events: [DRY_RUN, { ...TOLD, clientKey: 'k' }, { ...TOLD, tokenHash: 't2', clientKey: 'k', told: 'lost' }],
        commits: [COMMIT, { ...COMMIT, id: 'c2', key: 'k2', tokenHash: 't2', status: 'not_applied' }],
      },
    ],
    [2, "another user's PUT", { puts: [{ ...PUT, user: 'bob' }] }],
    [2, 'another tool', { puts: [{ ...PUT, tool: 'approve_pending_trade' }] }],
    [2, 'another trade', { puts: [{ ...PUT, target: 'pos_2' }] }],
    [2, 'what nobody previewed', { events: [TOLD] }],
    [3, 'a commit of an expired token', { tokens: [{ ...TOKEN, expiresAt: 1_040 }] }],
    [3, 'a send window beyond the expiry', { tokens: [{ ...TOKEN, expiresAt: 2_000 }] }],
    [3, 'a PUT after its send window', { puts: [{ ...PUT, at: 13_100 }] }],
    [3, "a PUT that is late by the database's clock only", { clock: { offsetMs: 12_500, errorMs: 10 } }],
    [4, 'a success without an effect', { effects: [] }],
    [4, 'a refusal with an effect', ended('refused')],
    [4, 'an effect that is said not to be there', ended('not_applied')],
    [5, 'an effect that is not in the ledger', { effects: [PUT, { ...PUT, key: 'k2' }] }],
    [5, 'a PUT before its ledger row', { commits: [{ ...COMMIT, createdAt: 1_110 }] }],
    [5, 'no audit intent', { audits: AUDITS.slice(1) }],
    [5, 'an audit intent that is written afterwards', { audits: [{ ...AUDITS[0]!, at: 1_140 }, AUDITS[1]!] }],
    [5, 'no audit row of the end', { audits: AUDITS.slice(0, 1) }],
    [6, 'a PUT after a freeze that did not list it', { events: [DRY_RUN, TOLD, FREEZE] }],
    [
      6,
      'a PUT after a freeze, resumed later',
      { events: [DRY_RUN, FREEZE, { kind: 'resume', sentAt: 1_101, user: 'ada' }] },
    ],
    [6, 'a PUT with a credential that was revoked before', { events: [DRY_RUN, TOLD, REVOKE] }],
    [7, 'a commit that stays pending', ended('pending')],
    [7, 'a commit that stays unknown', ended('unknown')],
    [7, 'a token that was spent for nothing', { tokens: [TOKEN, { ...TOKEN, hash: 't2' }] }],
    [8, 'a success that the ledger does not know', { ...ended('undetermined'), events: [DRY_RUN, TOLD] }],
    [8, 'a success that is told twice', { events: [DRY_RUN, TOLD, TOLD] }],
    [8, 'a refusal that was none', { events: [DRY_RUN, { ...TOLD, told: 'commit_refused' }] }],
    [
      8,
      "a success of a client's key that the ledger does not know",
      { ...ended('not_applied'), events: [DRY_RUN, { ...TOLD, clientKey: 'k' }], effects: [] },
    ],
    [8, 'an error that nobody foresaw', { events: [DRY_RUN, { ...TOLD, told: 'internal_error' }] }],
  ])('%i: sees %s', (invariant, _, change) => {
    const found = verdict({ ...SOUND, ...change });
    expect(found.map((violation) => violation.invariant)).toContain(invariant);
  });

  it.each<[string, Partial<Evidence>]>([
    ['a commit that the freeze listed', { events: [DRY_RUN, { ...FREEZE, inFlight: ['c1'] }] }],
    [
      'a commit after writes were resumed',
      { events: [DRY_RUN, FREEZE, { kind: 'resume', sentAt: 1_095, user: 'ada' }] },
    ],
    ["somebody else's freeze", { events: [DRY_RUN, { ...FREEZE, user: 'bob' }] }],
    ['a commit in the ledger when its credential was revoked', { events: [DRY_RUN, { ...REVOKE, inLedger: ['c1'] }] }],
    ['an outcome that cannot be found out', ended('undetermined')],
    ['an answer that was lost', { events: [DRY_RUN, { ...TOLD, told: 'lost' }] }],
    [
      "a success that is told twice to a client's key, with another token the second time",
      { events: [DRY_RUN, { ...TOLD, clientKey: 'k' }, { ...TOLD, tokenHash: 't2', clientKey: 'k' }] },
    ],
    ['the repeated call that is told so', { events: [DRY_RUN, TOLD, { ...TOLD, told: 'action_token_used' }] }],
  ])('lets pass: %s', (_, change) => {
    expect(verdict({ ...SOUND, ...change })).toEqual([]);
  });
});
