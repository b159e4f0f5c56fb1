import { describe, expect, it } from '@jest/globals';
import type { ActivityEvent } from '../../audit/activity.service.js';
import { TOOLS } from '../../tools/registry.js';
import { callerOf } from './caller.js';
import { sentence, stepWords } from './sentences.js';

function event(change: Partial<ActivityEvent>): ActivityEvent {
  return {
    id: '1',
    at: '2026-03-01T12:00:00.000Z',
    credential_kind: 'pat',
    credential_id: 'laptop',
    credential_name: 'Laptop',
    client_id: null,
    client_name: null,
    transport: 'mcp',
    operation: 'close_position',
    arguments: {},
    outcome: 'ok',
    code: null,
    duration_ms: 1,
    upstream_ms: 1,
    request_id: 'r',
    trace_id: null,
    address: null,
    ...change,
  };
}

const SOL = { symbol: 'SOL-USDT', expected: '+0.48 USDT' };
const API_CLOSE = { transport: 'api', operation: 'PUT /api/trade/close/:id' };

describe('sentence', () => {
  it.each<[string, Partial<ActivityEvent>]>([
    ['previewed closing pos_1.', { arguments: { position_id: 'pos_1', dry_run: true } }],
    ['previewed closing pos_1.', { arguments: { position_id: 'pos_1' }, transport: 'rest' }],
    ['closed pos_1.', { arguments: { position_id: 'pos_1', dry_run: false } }],
    ['closed pos_1.', { arguments: { position_id: 'pos_1', action_token: '[redacted]' }, transport: 'rest' }],
    ['was about to close pos_1.', { arguments: { position_id: 'pos_1', commit_id: 'c' }, outcome: 'intent' }],
    ['closed pos_1.', { ...API_CLOSE, arguments: { id: 'pos_1', commit_id: 'c' } }],
    ['asked once more to close pos_1; it was not done twice.', { ...API_CLOSE, arguments: { id: 'pos_1' } }],
    [
      'wanted to close pos_1 and was refused: It had not looked at that trade in the five minutes before.',
      { ...API_CLOSE, arguments: { id: 'pos_1' }, outcome: 'denied', code: 'trade_not_read' },
    ],
    [
      'tried to approve sig_1: TradeCafe did not answer in time.',
      {
        operation: 'PUT /api/trade/approve/:id',
        arguments: { id: 'sig_1' },
        outcome: 'error',
        code: 'upstream_timeout',
      },
    ],
    ['looked at live signals.', { operation: 'resources/read tradecafe://signals/live' }],
    [
      'began to watch for changes.',
      { operation: 'subscriptions/listen', arguments: { uri: 'tradecafe://signals/live' } },
    ],
    [
      'wanted to go on watching for changes and was refused: The token was revoked.',
      { operation: 'subscriptions/ended', outcome: 'denied', code: 'token_revoked' },
    ],
    ['looked at your profile.', { operation: 'GET /api/user/:id', arguments: { id: 'usr_1' } }],
    ['looked at recent signals BTC-USDT.', { operation: 'get_recent_signals', arguments: { symbol: 'BTC-USDT' } }],
    [
      'wanted to connect (POST /mcp) and was refused: The token was revoked.',
      { operation: 'POST /mcp', outcome: 'denied', code: 'token_revoked' },
    ],
    [
      'tried to call “constructor”: There is no tool with that name.',
      { operation: 'constructor', outcome: 'error', code: 'unknown_tool' },
    ],
    [
      'tried to look at your account: it failed.',
      { operation: 'get_account_summary', outcome: 'error', code: 'toString' },
    ],
  ])('says "%s"', (words, change) => {
    expect(sentence(event(change))).toBe(words);
  });

  it('names what the ledger knows, whichever door it came by', () => {
    const atApi = { ...API_CLOSE, arguments: { id: 'x', commit_id: 'c' } };
    for (const one of [event({ arguments: { dry_run: false } }), event(atApi)])
      expect(sentence(one, SOL)).toBe('closed SOL-USDT, expected result +0.48 USDT.');
  });

  it.each(TOOLS.map(({ name }) => name))('has words of its own for %s', (operation) => {
    expect(sentence(event({ operation }))).not.toContain(operation);
  });
});

describe('stepWords', () => {
  it('calls each step by what it was', () => {
    expect(stepWords(event({ outcome: 'intent' }))).toBe('Confirmed and sent');
    expect(stepWords(event({ arguments: { dry_run: true } }))).toBe('Previewed');
    expect(stepWords(event({ operation: 'GET /api/trade/active' }))).toBe('Looked at your open trades');
  });
});

describe('callerOf', () => {
  const CHROME =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

  it('calls a known client as people do, and keeps what it said', () => {
    const name = '@tradecafe-ai/mcp/1.1.0';
    expect(callerOf(event({ client_name: name }))).toEqual({ name: 'The npm client', remark: `calls itself ${name}` });
  });

  it('leaves other names as they are, and takes the token where there is none', () => {
    expect(callerOf(event({ client_name: 'claudette 1' }))).toEqual({ name: 'claudette 1', remark: undefined });
    expect(callerOf(event({ client_name: null }))).toEqual({ name: 'Laptop', remark: undefined });
    expect(callerOf(event({ credential_name: null })).name).toBe('Somebody without a name');
  });

  it('calls the reader you, in their browser', () => {
    const own = { operation: 'token.create', credential_kind: 'session', credential_name: null };
    expect(callerOf(event({ ...own, client_name: CHROME }))).toEqual({ name: 'You', remark: 'in Chrome' });
    expect(callerOf(event({ ...own, client_name: 'my script' }))).toEqual({ name: 'You', remark: 'in my script' });
    expect(callerOf(event({ ...own, client_name: null }))).toEqual({ name: 'You', remark: undefined });
  });
});
