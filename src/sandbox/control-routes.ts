import { z } from 'zod';
import { refusal, type Answer } from './answer.js';
import { settingsPatch, type SandboxControl } from './sandbox-control.js';
import type { UserData } from './wire-records.js';

type Handler = (control: SandboxControl, body: unknown, id: string) => Answer;

const ok = (body: unknown): Answer => ({ status: 200, body });
const found = (isFound: boolean, body: unknown): Answer => (isFound ? ok(body) : refusal(404, 'User not found'));
const priceMove = z.strictObject({ symbol: z.string().min(1), price: z.number().positive() });
const userCopy = z.strictObject({ as: z.string().regex(/^[\w-]{1,64}$/) });
const userSwitch = z.strictObject({ enabled: z.boolean() });

/** `METHOD /path` below `/__sandbox`; `*` stands for a user's id. */
const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /journal': (control) => ok({ entries: control.journal(), total: control.state.journal.total }),
  'GET /requests': (control) => ok(control.requests.snapshot()),
  'GET /faults': (control) => ok({ faults: control.faults.list }),
  'POST /faults': (control, body) => ({ status: 201, body: control.faults.add(body) }),
  'DELETE /faults': (control) => {
    control.faults.clear();
    return { status: 204 };
  },
  'POST /reset': (control) => {
    control.reset();
    return { status: 204 };
  },
  'GET /settings': (control) => ok(control.settings()),
  'POST /settings': (control, body) => ok(control.settings(settingsPatch.parse(body))),
  'POST /price': (control, body) => {
    const { symbol, price } = priceMove.parse(body);
    return ok({ updated: control.price(symbol, price) });
  },
  'POST /users/*': (control, body, id) => {
    const { enabled } = userSwitch.parse(body);
    return found(control.enableUser(id, enabled), { id, enabled });
  },
  'POST /users/*/copies': (control, body, id) => {
    const { as } = userCopy.parse(body);
    return control.copyUser(id, as)
      ? { status: 201, body: { id: as } }
      : refusal(409, 'Nobody to copy, or the name is taken');
  },
  'GET /users/*/data': (control, _body, id) => {
    const data = control.data(id);
    return found(data !== undefined, data);
  },
  'PUT /users/*/data': (control, body, id) =>
    found(control.replaceData(id, body as Partial<UserData>), control.data(id)),
};
const USER = /^\/users\/([^/]+)/;

/** Answers a control request. Open to whoever reaches the port: the sandbox listens on loopback and holds nothing real. */
export function answerControl(control: SandboxControl, method: string, path: string, text: string): Answer {
  const id = USER.exec(path)?.[1] ?? '';
  const name = `${method} ${path.replace(USER, '/users/*')}`;
  const handler = ROUTES[name];
  if (handler === undefined) return refusal(404, `Cannot ${method} /__sandbox${path}`);
  try {
    const body: unknown = text === '' ? {} : JSON.parse(text);
    return handler(control, body, decodeURIComponent(id));
  } catch (error) {
    if (error instanceof z.ZodError) return refusal(400, z.prettifyError(error));
    if (error instanceof SyntaxError || error instanceof URIError) return refusal(400, error.message);
    throw error;
  }
}
