/** A form with one box to tick, as MCP's form elicitation takes it (a flat object of primitives). */
interface ConfirmationSchema {
  readonly type: 'object';
  readonly properties: {
    readonly confirm: {
      readonly type: 'boolean';
      readonly title: string;
      readonly description: string;
      readonly default: false;
    };
  };
  readonly required: readonly ['confirm'];
}

export interface ConfirmationQuestion {
  readonly message: string;
  readonly requestedSchema: ConfirmationSchema;
}

/** What the person did with the form, as MCP's ElicitResult says it. */
export interface ConfirmationAnswer {
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: Readonly<Record<string, unknown>>;
}

/** How a transport can ask the person. None at all: it cannot. */
export type HumanConfirmation =
  | {
      /** The answer comes while this very call waits. */
      readonly kind: 'ask';
      /** `unavailable`: the client cannot ask, or no answer came. */
      ask(question: ConfirmationQuestion): Promise<ConfirmationAnswer | 'unavailable'>;
    }
  | {
      /** The answer comes with a call of its own, which brings back the state that this one hands out. */
      readonly kind: 'resumable';
      readonly answer?: ConfirmationAnswer;
      readonly state?: string;
    };

/** What a resumable call has to send back to its client. */
export interface InputRequest extends ConfirmationQuestion {
  readonly requestState: string;
}

/** What to do about the person: go on, ask first, or stop. */
export type ConfirmationStep = 'go_on' | 'ask_now' | 'ask_and_resume' | 'unavailable' | 'declined';

/**
 * Decides from what the call brought along. Fails closed: only a state of ours together with a ticked box goes on.
 * @param stateHolds whether the state was sealed here, for this very commit, and has not expired
 */
export function confirmationStep(
  required: boolean,
  port: HumanConfirmation | undefined,
  stateHolds: boolean,
): ConfirmationStep {
  if (!required) return 'go_on';
  if (port === undefined) return 'unavailable';
  if (port.kind === 'ask') return 'ask_now';
  // An answer to a question that was never asked, or that was about something else, is none: ask properly.
  if (port.answer === undefined || !stateHolds) return 'ask_and_resume';
  return saidYes(port.answer) ? 'go_on' : 'declined';
}

/** Accepting the form is not enough: the box must be ticked, so that a client's default is no yes. */
export function saidYes({ action, content }: ConfirmationAnswer): boolean {
  return action === 'accept' && content?.['confirm'] === true;
}

/** @param what one sentence that says what is about to be done */
export function confirmationQuestion(what: string): ConfirmationQuestion {
  return {
    message: `${what} This uses real money and cannot be undone here. Do you confirm it?`,
    requestedSchema: {
      type: 'object',
      properties: {
        confirm: {
          type: 'boolean',
          title: 'I confirm',
          description: 'Tick to carry it out. Leave empty to stop it.',
          default: false,
        },
      },
      required: ['confirm'],
    },
  };
}
