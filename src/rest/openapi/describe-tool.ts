import type { JsonSchema, RouteAnswer, RouteDescription, RouteParameter } from '../../http/route-description.js';
import type { ErrorCode } from '../../errors/error-table.js';
import { halfInput } from '../../tools/write-schemas.js';
import type { ReadRoute, WriteRoute } from '../v1/tool-routes.js';
import { jsonSchema } from './json-schema.js';

/** What anything that asks pwa-be may come to. */
export const UPSTREAM_ERRORS: readonly ErrorCode[] = [
  'upstream_invalid',
  'upstream_not_found',
  'upstream_rejected',
  'upstream_timeout',
  'upstream_unauthorized',
  'upstream_unavailable',
];
/** What every call of a tool may be refused with. */
const CALL: readonly ErrorCode[] = [
  'insufficient_scope',
  'invalid_arguments',
  'overloaded',
  'rate_limited',
  ...UPSTREAM_ERRORS,
];

const CALL_HEADERS = ['RateLimit', 'RateLimit-Policy', 'TradeCafe-Mode'];

const IF_NONE_MATCH: RouteParameter = {
  name: 'If-None-Match',
  in: 'header',
  description: 'An ETag of before: answered with 304 while nothing has changed.',
  schema: { type: 'string' },
};
const IDEMPOTENCY_KEY: RouteParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'One write for each key of a credential, at `/v1` and `/api` alike: the same commit with the same key, whatever ' +
    'action_token comes with it, answers what became of the first one. A key counts from the moment its write is sent on, ' +
    'not when it was refused before, and does not expire: it is kept as long as the record of the write. Take a new one for ' +
    'every new write.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

/** What the document says about a read: all of it is the tool's own. */
export function describeRead({ path, tool, list, errors = [] }: ReadRoute): RouteDescription {
  return {
    summary: tool.title,
    description: tool.description,
    scope: tool.scope,
    parameters: [...parameters(path, jsonSchema(tool.input, 'input')), IF_NONE_MATCH],
    answers: [
      {
        status: 200,
        description: tool.title,
        schema: answerSchema(jsonSchema(tool.output, 'output'), list),
        headers: [...CALL_HEADERS, 'ETag'],
      },
      { status: 304, description: 'Nothing has changed since that ETag.', headers: [...CALL_HEADERS, 'ETag'] },
    ],
    errors: [...CALL, ...errors],
  };
}

/** The same about one half of a write. */
export function describeWrite({ tool, half, errors }: WriteRoute): RouteDescription {
  const input = halfInput(tool.input, half);
  const commit = half === 'commit';
  const answer: RouteAnswer = {
    status: 200,
    description: commit ? 'It was carried out.' : 'What would happen, and the action_token that commits exactly this.',
    schema: jsonSchema(tool.output, 'output'),
    headers: CALL_HEADERS,
  };
  return {
    summary: commit ? tool.title : `${tool.title}: preview`,
    description: tool.description,
    scope: tool.scope,
    parameters: commit ? [IDEMPOTENCY_KEY] : [],
    body: { schema: jsonSchema(commit ? input.required({ action_token: true }) : input, 'input'), required: true },
    answers: [answer],
    errors: [...CALL, ...errors],
  };
}

function parameters(path: string, input: JsonSchema): RouteParameter[] {
  const required = (input['required'] ?? []) as readonly string[];
  return Object.entries((input['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, schema]) => {
    const { description, ...rest } = schema;
    const place = path.split('/').includes(`:${name}`) ? 'path' : 'query';
    return { name, in: place, required: required.includes(name), description: description as string, schema: rest };
  });
}

/** A list is answered bare. */
function answerSchema(output: JsonSchema, list: string | undefined): JsonSchema {
  if (list === undefined) return output;
  return (output['properties'] as Record<string, JsonSchema>)[list]!;
}
