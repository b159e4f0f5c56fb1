import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import type { StoredToken } from './action-token.store.js';
import { ConfirmationState } from './confirmation-state.js';
import {
  confirmationQuestion,
  type ConfirmationQuestion,
  confirmationStep,
  type HumanConfirmation,
  type InputRequest,
  saidYes,
} from './human-confirmation.js';
import type { WriteOrigin } from './write-call.js';
import type { WriteOperation } from './write-operation.js';

export interface Confirmed {
  readonly kind: 'confirmed';
  /** A person was asked and said yes; false where nobody had to be asked. */
  readonly confirmed: boolean;
}

interface AskedAbout {
  readonly operation: WriteOperation;
  readonly origin: WriteOrigin;
  readonly confirmation: HumanConfirmation | undefined;
}

/** Asks the person where the credential's policy wants it. A guardrail: it cannot prove that a person answered. */
@Injectable()
export class PersonAsked {
  constructor(private readonly states: ConfirmationState) {}

  /**
   * @returns input_required when the client has to come back with the answer
   * @throws AppError confirmation_required when nobody can be asked, confirmation_declined
   */
  async confirm(
    { operation, origin, confirmation: port }: AskedAbout,
    token: StoredToken,
  ): Promise<Confirmed | { readonly kind: 'input_required'; readonly request: InputRequest }> {
    const { principal } = origin;
    const required = principal.writePolicy !== 'token_only';
    const state = port?.kind === 'resumable' ? port.state : undefined;
    const question = confirmationQuestion(operation.question(token.preview));
    switch (confirmationStep(required, port, this.states.holds(state, token, principal))) {
      case 'go_on':
        return { kind: 'confirmed', confirmed: required };
      case 'ask_now':
        await ask(port, question);
        return { kind: 'confirmed', confirmed: true };
      case 'ask_and_resume':
        return {
          kind: 'input_required',
          request: { ...question, requestState: this.states.seal(token, principal) },
        };
      case 'declined':
        throw new AppError('confirmation_declined');
      case 'unavailable':
        throw new AppError('confirmation_required');
    }
  }
}

async function ask(port: HumanConfirmation | undefined, question: ConfirmationQuestion): Promise<void> {
  const answer = port?.kind === 'ask' ? await port.ask(question) : 'unavailable';
  if (answer === 'unavailable') throw new AppError('confirmation_required');
  if (!saidYes(answer)) throw new AppError('confirmation_declined');
}
