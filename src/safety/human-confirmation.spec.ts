import { describe, expect, it } from '@jest/globals';
import { type ConfirmationAnswer, confirmationStep, type HumanConfirmation, saidYes } from './human-confirmation.js';

const YES: ConfirmationAnswer = { action: 'accept', content: { confirm: true } };
const ask: HumanConfirmation = { kind: 'ask', ask: () => Promise.resolve(YES) };
const resumable = (more: object = {}): HumanConfirmation => ({ kind: 'resumable', ...more });

describe('confirmationStep', () => {
  it.each<[string, boolean, HumanConfirmation | undefined, boolean, string]>([
    ['nobody can be asked', true, undefined, false, 'unavailable'],
    ['nobody can be asked, whatever state is claimed', true, undefined, true, 'unavailable'],
    ['the first call', true, resumable(), false, 'ask_and_resume'],
    ['a yes without a state', true, resumable({ answer: YES }), false, 'ask_and_resume'],
    ['a state without an answer', true, resumable({ state: 'x' }), true, 'ask_and_resume'],
    ['a no', true, resumable({ answer: { action: 'decline' } }), true, 'declined'],
    ['a form that was closed', true, resumable({ answer: { action: 'cancel' } }), true, 'declined'],
    ['a yes to the right question', true, resumable({ answer: YES }), true, 'go_on'],
    ['asking while the call waits', true, ask, false, 'ask_now'],
    ['nobody has to be asked', false, undefined, false, 'go_on'],
  ])('%s', (_, required, port, stateHolds, step) => {
    expect(confirmationStep(required, port, stateHolds)).toBe(step);
  });
});

describe('saidYes', () => {
  it.each<ConfirmationAnswer>([
    { action: 'accept' },
    { action: 'accept', content: {} },
    { action: 'accept', content: { confirm: false } },
    { action: 'accept', content: { confirm: 'true' } },
    { action: 'decline', content: { confirm: true } },
    { action: 'cancel', content: { confirm: true } },
  ])('not by %j', (answer) => {
    expect(saidYes(answer)).toBe(false);
  });

  it('by an accepted form with the box ticked', () => {
    expect(saidYes(YES)).toBe(true);
  });
});
