import { describe, expect, it } from '@jest/globals';
import type { ActivityEvent } from '../../audit/activity.service.js';
import { groupEvents, groupPage } from './group-events.js';

const START = Date.parse('2026-03-01T12:00:00Z');

function event(id: string, second: number, change: Partial<ActivityEvent> = {}): ActivityEvent {
  return {
    id,
    at: new Date(START + second * 1000).toISOString(),
    credential_kind: 'pat',
    credential_id: 'laptop',
    credential_name: 'Laptop',
    client_id: null,
    client_name: null,
    transport: 'mcp',
    operation: 'close_position',
    arguments: { position_id: 'sol', dry_run: true },
    outcome: 'ok',
    code: null,
    duration_ms: 1,
    upstream_ms: 1,
    request_id: id,
    trace_id: null,
    address: null,
    ...change,
  };
}

const COMMIT = { arguments: { position_id: 'sol', dry_run: false, commit_id: 'c' } };
const groups = (events: ActivityEvent[]): string[] =>
  groupEvents(events).map(({ event: { id }, steps }) => [id, ...steps.map((step) => step.id)].join(' < '));

describe('groupEvents', () => {
  it('puts intent and preview under their commit', () => {
    const sent = { ...COMMIT, outcome: 'intent' };
    expect(groups([event('done', 9, COMMIT), event('sent', 8, sent), event('seen', 1)])).toEqual([
      'done < sent < seen',
    ]);
  });

  it.each<[string, Partial<ActivityEvent>]>([
    ['of another position', { arguments: { position_id: 'btc', dry_run: true } }],
    ['of another credential', { credential_id: 'phone' }],
    ['of another tool', { operation: 'approve_pending_trade' }],
    ['that failed', { outcome: 'error' }],
    ['that is older than a token lives', { at: new Date(START - 3_600_000).toISOString() }],
  ])('leaves a preview %s alone', (_what, change) => {
    expect(groups([event('done', 9, COMMIT), event('seen', 1, change)])).toEqual(['done', 'seen']);
  });

  it('gives a preview to one commit only, and none to what was refused', () => {
    const refused = { ...COMMIT, outcome: 'denied', code: 'action_token_used' };
    expect(groups([event('no', 10, refused), event('done', 9, COMMIT), event('seen', 1)])).toEqual([
      'no',
      'done < seen',
    ]);
    expect(groups([event('b', 10, COMMIT), event('a', 9, COMMIT), event('seen', 1)])).toEqual(['b < seen', 'a']);
  });

  describe('at /api', () => {
    const write = { operation: 'PUT /api/trade/close/:id', arguments: { id: 'sol', commit_id: 'c' } };
    const look = { operation: 'GET /api/trade/active', arguments: {} };

    it('puts intent and the look that let it in under the write', () => {
      const events = [
        event('done', 9, write),
        event('sent', 8, { ...write, outcome: 'intent' }),
        event('look', 7, look),
        event('earlier', 1, look),
      ];
      expect(groups(events)).toEqual(['done < sent < look', 'earlier']);
    });

    it.each<[string, Partial<ActivityEvent>]>([
      ['of another credential', { credential_id: 'phone' }],
      ['that failed', { outcome: 'error' }],
      ['that is too old', { at: new Date(START - 3_600_000).toISOString() }],
      ['at something else', { operation: 'GET /api/trade/history' }],
    ])('leaves a look %s alone', (_what, change) => {
      expect(groups([event('done', 9, write), event('look', 1, { ...look, ...change })])).toEqual(['done', 'look']);
    });

    it('gives nothing to a write that was refused or repeated', () => {
      const events = [event('again', 9, { ...write, arguments: { id: 'sol' } }), event('look', 1, look)];
      expect(groups(events)).toEqual(['again', 'look']);
    });
  });
});

describe('groupPage', () => {
  const seen = event('seen', 1);
  const between = event('between', 2, { operation: 'get_positions', arguments: {} });
  const sent = event('sent', 8, { ...COMMIT, outcome: 'intent' });
  const done = event('done', 9, COMMIT);
  const paged = (newer: ActivityEvent[], own: ActivityEvent[], older: ActivityEvent[]) => {
    const { entries, last } = groupPage({ newer, own, older });
    return [entries.map(({ event: { id }, steps }) => [id, ...steps.map((step) => step.id)].join(' < ')), last?.id];
  };

  it('leaves a commit its steps on the next page, which begins with what has an entry of its own', () => {
    expect(paged([], [done], [sent, between, seen])).toEqual([['done < sent < seen'], 'sent']);
    expect(paged([done, sent], [between, seen], [])).toEqual([['between'], undefined]);
  });

  it('has no next page where only steps are left', () => {
    expect(paged([], [done], [sent, seen])).toEqual([['done < sent < seen'], undefined]);
    expect(paged([], [done], [])).toEqual([['done'], undefined]);
  });

  it('says where the next one begins when nothing is between', () => {
    expect(paged([], [between], [seen])).toEqual([['between'], 'between']);
  });
});
