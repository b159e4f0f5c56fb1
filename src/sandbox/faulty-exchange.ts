import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { refusal, type Answer } from './answer.js';
import type { Fault } from './fault-rules.js';
import { send, sendHalf } from './http-io.js';
import { poisoned } from './poison.js';

const GARBAGE = '<html><body>It works, but this is not JSON';

/**
 * Lets faults strike before the request is answered.
 * @returns false when nothing is left to do: it was answered, dropped, or never will be answered
 */
export async function strikeBefore(faults: Fault[], response: ServerResponse, signal: AbortSignal): Promise<boolean> {
  for (const fault of faults) {
    if (fault.kind === 'delay') await sleep(fault.delay_ms, undefined, { signal });
    if (fault.kind === 'drop_before') response.destroy();
    if (fault.kind === 'status') send(response, statusAnswer(fault));
    if (fault.kind === 'hang') await hang(response, signal);
    if (fault.kind !== 'delay') return false;
  }
  return true;
}

/** Lets faults strike the answer, then sends what they left of it, if anything. */
export async function strikeAfter(
  faults: Fault[],
  answer: Answer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  let current = answer;
  for (const fault of faults) {
    if (fault.kind === 'delay') await sleep(fault.delay_ms, undefined, { signal });
    if (fault.kind === 'poison') current = poisonedAnswer(current, fault);
    if (fault.kind === 'status') current = statusAnswer(fault);
    if (fault.kind === 'garbage') current = { status: 200, body: fault.body ?? GARBAGE };
    if (fault.kind === 'half') return sendHalf(response, current);
    if (fault.kind === 'hang') return hang(response, signal);
    if (fault.kind === 'drop_after') {
      response.destroy();
      return;
    }
  }
  send(response, current);
}

function poisonedAnswer({ status, body }: Answer, fault: Fault): Answer {
  return { status, body: poisoned(body, fault.fields, fault.value) };
}

function statusAnswer(fault: Fault): Answer {
  return fault.body === undefined
    ? refusal(fault.status, `Made to fail with ${fault.status}`)
    : { status: fault.status, body: fault.body };
}

/** Ends when the client gives up, or (thrown) when the sandbox is reset or stopped. */
async function hang(response: ServerResponse, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (response.destroyed) return;
  await new Promise<void>((resolve, reject) => {
    const abort = () => reject(new DOMException('The sandbox was reset', 'AbortError'));
    signal.addEventListener('abort', abort, { once: true });
    response.once('close', () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
  });
}
