import type {
  ConfirmationAnswer,
  ConfirmationQuestion,
  HumanConfirmation,
  InputRequest,
} from '../../safety/human-confirmation.js';
import { type ClientRequest, InputRequired, type RequestIo } from '../surface/request-io.js';

/** The key under which the modern era asks and answers; one question a round. */
const CONFIRM_KEY = 'confirm';

/** How this call can ask the person, if its client can show a form at all. */
export function confirmationOf({ abilities, input }: RequestIo): HumanConfirmation | undefined {
  if (!abilities.has('form')) return undefined;
  if (input.kind === 'rounds') {
    return { kind: 'resumable', answer: answerOf(input.responses[CONFIRM_KEY]), state: input.state };
  }
  return {
    kind: 'ask',
    ask: async (form) => {
      try {
        return answerOf(await input.ask(elicitation(form))) ?? 'unavailable';
      } catch {
        // No answer, an error for an answer, or a client that went away: nobody has said yes.
        return 'unavailable';
      }
    },
  };
}

/** What a resumable call sends back to its client. */
export function question({ message, requestedSchema, requestState }: InputRequest): InputRequired {
  return new InputRequired({ [CONFIRM_KEY]: elicitation({ message, requestedSchema }) }, requestState);
}

function elicitation({ message, requestedSchema }: ConfirmationQuestion): ClientRequest {
  return { method: 'elicitation/create', params: { message, requestedSchema } };
}

/** An ElicitResult, or undefined for whatever else a client sent. */
function answerOf(value: unknown): ConfirmationAnswer | undefined {
  const { action, content } = (value ?? {}) as { action?: unknown; content?: unknown };
  if (action !== 'accept' && action !== 'decline' && action !== 'cancel') return undefined;
  const isForm = typeof content === 'object' && content !== null && !Array.isArray(content);
  return isForm ? { action, content: content as Record<string, unknown> } : { action };
}
