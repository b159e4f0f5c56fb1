import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/principal.js';
import type { Exchange } from '../exchange.js';
import { RequestStates } from './request-state.js';

const MINUTE = 60_000;
const states = new RequestStates('pepper-of-the-tests');

function exchange(params: Record<string, unknown>, method = 'tools/call', credentialId = 'cred-1'): Exchange {
  return {
    request: {} as FastifyRequest,
    reply: {} as FastifyReply,
    principal: { userId: 'u', kind: 'pat', credentialId } as Principal,
    body: { jsonrpc: '2.0', id: 1, method, params },
    clientName: undefined,
    trace: undefined,
    protocolVersion: undefined,
  };
}
const asked = exchange({ name: 'a', arguments: { x: 1, y: 2 } });

describe('a request state', () => {
  it('opens for the same caller and request, whatever else the next round brings', () => {
    const value = states.seal('söme state', asked);
    const params = { arguments: { y: 2, x: 1 }, name: 'a', inputResponses: { k: {} }, requestState: value, _meta: {} };
    expect(new RequestStates('pepper-of-the-tests').open(value, exchange(params))).toBe('söme state');
    expect(states.open(states.seal('', asked), asked)).toBe('');
  });

  it('stays closed for anybody and anything else', () => {
    const value = states.seal('state', asked);
    const closed = [
      exchange({ name: 'b', arguments: { x: 1, y: 2 } }),
      exchange({ name: 'a', arguments: { x: 1, y: 3 } }),
      exchange({ name: 'a', arguments: { x: 1, y: 2 } }, 'prompts/get'),
      exchange({ name: 'a', arguments: { x: 1, y: 2 } }, 'tools/call', 'cred-2'),
    ];
    expect(closed.map((other) => states.open(value, other))).toEqual(closed.map(() => undefined));
    expect(new RequestStates('another pepper').open(value, asked)).toBeUndefined();
  });

  it('lapses', () => {
    const value = states.seal('state', asked, 0);
    expect(states.open(value, asked, 9 * MINUTE)).toBe('state');
    expect(states.open(value, asked, 10 * MINUTE)).toBeUndefined();
  });

  it('has one spelling, and no character of it can be changed', () => {
    const value = states.seal('state', asked);
    const other = (character: string): string => (character === 'A' ? 'B' : 'A');
    const bent = [...value].map((c, at) => value.slice(0, at) + other(c) + value.slice(at + 1));
    for (const changed of [...bent, `${value}=`, ` ${value}`, `${value}-x`, value.slice(1), '', 'x'])
      expect(states.open(changed, asked)).toBeUndefined();
  });

  it('tells its carrier nothing', () => {
    expect(Buffer.from(states.seal('in the clear', asked), 'base64url').toString('latin1')).not.toContain('clear');
  });
});
