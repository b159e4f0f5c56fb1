import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusal } from './answer.js';
import { answerApi } from './api-routes.js';
import { bearerSubject } from './bearer.js';
import { answerControl } from './control-routes.js';
import { strikeAfter, strikeBefore } from './faulty-exchange.js';
import { readBody, send } from './http-io.js';
import type { SandboxControl } from './sandbox-control.js';

const API = '/api';
const CONTROL = '/__sandbox';
const API_BODY_LIMIT = 64 * 1024;
const CONTROL_BODY_LIMIT = 16 * 1024 * 1024;

interface Target {
  /** As sent: not decoded, dots not resolved. */
  path: string;
  /** With its question mark, or empty. */
  search: string;
}

/** Routes one request to the control routes or, through faults and authentication, to pwa-be's. */
export async function handleRequest(
  control: SandboxControl,
  secret: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = parse(request.url ?? '/');
  if (target.path.startsWith(`${CONTROL}/`)) return handleControl(control, target.path, request, response);
  if (target.path.startsWith(`${API}/`)) return handleApi(control, secret, target, request, response);
  return send(response, refusal(404, 'Nothing here: pwa-be answers below /api'));
}

async function handleControl(
  control: SandboxControl,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, CONTROL_BODY_LIMIT);
  if (body === undefined) return send(response, refusal(413, 'The body is too large'));
  send(response, answerControl(control, request.method ?? 'GET', path.slice(CONTROL.length), body));
}

async function handleApi(
  control: SandboxControl,
  secret: Uint8Array,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { signal, state, faults, requests } = control;
  const method = request.method ?? 'GET';
  const path = target.path.slice(API.length);
  const entry = requests.add(request, `${path}${target.search}`, state.now());
  response.once('finish', () => (entry.status = response.statusCode));

  const body = await readBody(request, API_BODY_LIMIT);
  if (body === undefined) return send(response, refusal(413, 'The body is too large'));
  const user = await bearerSubject(request.headers.authorization, secret);
  entry.user = user ?? null;

  const aim = { method, path, user };
  if (!(await strikeBefore(faults.claim('before', aim), response, signal))) return;
  signal.throwIfAborted();
  if (user === undefined) return send(response, refusal(401, 'Unauthorized'));
  // A client that is gone by now does not stop it: what has reached pwa-be is applied.
  const key = entry.idempotency_key ?? undefined;
  const query = new URLSearchParams(target.search);
  const result = answerApi(state, { method, path, query, user, key });
  entry.applied = result.applied;
  entry.replayed = result.replayed;
  await strikeAfter(faults.claim('after', aim), result.answer, response, signal);
}

function parse(url: string): Target {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, search: '' } : { path: url.slice(0, mark), search: url.slice(mark) };
}
