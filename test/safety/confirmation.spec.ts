import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../src/auth/principal.js';
import type { ConfirmationAnswer, HumanConfirmation } from '../../src/safety/human-confirmation.js';
import { BTC, codeOf, fail, Fleet, type Instance, succeed, tokenFor } from './support/fleet.js';

const CLOSE = 'close_position';
const SOL = { position_id: 'pos_2026060402' };
const YES: ConfirmationAnswer = { action: 'accept', content: { confirm: true } };

let fleet: Fleet;
let instance: Instance;
let principal: Principal;
let token: string;

beforeAll(async () => {
  fleet = await Fleet.start();
});
beforeEach(async () => {
  await fleet.reset();
  instance = fleet.instance();
  principal = await fleet.principal({ writePolicy: 'human_required' });
  token = await tokenFor(instance, principal, CLOSE, BTC);
});
afterAll(() => fleet.stop());

const commit = (args: object, actionToken: string): object => ({ ...args, dry_run: false, action_token: actionToken });
const asking = (answer: ConfirmationAnswer | 'unavailable'): HumanConfirmation => ({
  kind: 'ask',
  ask: () => Promise.resolve(answer),
});
const failing = (confirmation?: HumanConfirmation) =>
  fail(instance, principal, CLOSE, commit(BTC, token), { confirmation });

describe('a credential whose writes a person must confirm', () => {
  it.each<[string, HumanConfirmation | undefined, string]>([
    ['the transport cannot ask', undefined, 'confirmation_required'],
    ['the client cannot ask', asking('unavailable'), 'confirmation_required'],
    ['the person declines', asking({ action: 'decline' }), 'confirmation_declined'],
    ['the person leaves the box empty', asking({ action: 'accept', content: {} }), 'confirmation_declined'],
  ])('sends nothing when %s, and burns no token', async (_, confirmation, code) => {
    expect(codeOf(await failing(confirmation))).toBe(code);
    expect(fleet.puts()).toEqual([]);
    await succeed(instance, principal, CLOSE, commit(BTC, token), { confirmation: asking(YES) });
  });

  it('asks about what will be done, after the checks of the token and before anything is written', async () => {
    const questions: string[] = [];
    const confirmation: HumanConfirmation = {
      kind: 'ask',
      ask: async ({ message }) => {
        questions.push(message);
        expect(await fleet.commits()).toEqual([]);
        return YES;
      },
    };
    expect(codeOf(await fail(instance, principal, CLOSE, commit(SOL, token), { confirmation }))).toBe(
      'action_token_arguments_changed',
    );
    expect(questions).toEqual([]);
    await succeed(instance, principal, CLOSE, commit(BTC, token), { confirmation });
    expect(questions).toEqual([expect.stringContaining('Close the position: long BTC-USDT')]);
  });

  it('looks again after a person who took long: what changed meanwhile is refused', async () => {
    const confirmation: HumanConfirmation = {
      kind: 'ask',
      ask: () => {
        const { trades } = fleet.sandbox.control.data(principal.userId)!;
        trades.find(({ id }) => id === BTC.position_id)!.quantity *= 2;
        fleet.sandbox.control.replaceData(principal.userId, { trades });
        return Promise.resolve(YES);
      },
    };
    expect(codeOf(await failing(confirmation))).toBe('preview_changed');
    expect(fleet.puts()).toEqual([]);
  });

  it('a policy that became stricter meanwhile counts', async () => {
    const lax = await fleet.principal();
    const laxToken = await tokenFor(instance, lax, CLOSE, BTC);
    await fleet.rows(`UPDATE personal_access_tokens SET write_policy = 'human_required'`);
    expect(codeOf(await fail(instance, lax, CLOSE, commit(BTC, laxToken)))).toBe('confirmation_required');
  });

  it('previews need nobody', async () => {
    await succeed(instance, principal, CLOSE, SOL);
  });
});

describe('an answer that comes with a call of its own', () => {
  const resume = (answer: ConfirmationAnswer, state: string | undefined): HumanConfirmation => ({
    kind: 'resumable',
    answer,
    state,
  });
  const state = async (): Promise<string> => (await failing({ kind: 'resumable' })).inputRequired!.requestState;

  it('is asked for first, and any instance can take it', async () => {
    const { error, inputRequired } = await failing({ kind: 'resumable' });
    expect(error.code).toBe('confirmation_required');
    expect(inputRequired).toMatchObject({ message: expect.any(String), requestedSchema: { type: 'object' } });
    expect(fleet.puts()).toEqual([]);
    const confirmation = resume(YES, inputRequired!.requestState);
    await succeed(fleet.instance(), principal, CLOSE, commit(BTC, token), { confirmation });
  });

  it('a no is a no', async () => {
    expect(codeOf(await failing(resume({ action: 'cancel' }, await state())))).toBe('confirmation_declined');
  });

  it('without a state of ours, or with a changed one, it is no answer', async () => {
    const good = await state();
    const changed = `${good.slice(0, -2)}${good.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const bad of [undefined, '', 'x', changed, good.slice(4)]) {
      const outcome = await failing(resume(YES, bad));
      expect(outcome.inputRequired).toBeDefined();
    }
    expect(fleet.puts()).toEqual([]);
  });

  it('a state is good for its own preview, target, credential and time only', async () => {
    const second = await tokenFor(instance, principal, CLOSE, BTC);
    const solToken = await tokenFor(instance, principal, CLOSE, SOL);
    const other = await fleet.principal({ writePolicy: 'human_required' });
    const otherToken = await tokenFor(instance, other, CLOSE, BTC);
    // The same expiry for all, so that it is not what tells them apart.
    await fleet.rows(`UPDATE action_tokens SET expires_at = (SELECT min(expires_at) FROM action_tokens)`);
    const good = resume(YES, await state());
    const uses = [
      [principal, commit(BTC, second)],
      [principal, commit(SOL, solToken)],
      [other, commit(BTC, otherToken)],
    ] as const;
    for (const [who, args] of uses) {
      expect((await fail(instance, who, CLOSE, args, { confirmation: good })).inputRequired).toBeDefined();
    }
    await fleet.rows(`UPDATE action_tokens SET expires_at = expires_at + interval '1 minute'`);
    expect((await failing(good)).inputRequired).toBeDefined();
    await fleet.rows(`UPDATE action_tokens SET expires_at = now()`);
    expect(codeOf(await failing(good))).toBe('action_token_expired');
    expect(fleet.puts()).toEqual([]);
  });
});
